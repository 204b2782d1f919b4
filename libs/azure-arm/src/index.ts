export type { ArmOptions } from './access.ts';
export { connectArm } from './connect.ts';
export { connectProjection } from './projection.ts';
export { createMlDeployment } from './create-ml-deployment.ts';
export type { NewMlDeployment } from './create-ml-deployment.ts';
export { createModelDeployment } from './create-model-deployment.ts';
export type { NewModelDeployment } from './create-model-deployment.ts';
export { parseMlDeploymentId } from './ml-deployment-id.ts';
export type { MlDeploymentId } from './ml-deployment-id.ts';

export { createRecorder } from './recorder.ts';
export type { Recorder, RecorderPorts } from './recorder.ts';

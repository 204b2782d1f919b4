export { ruleOf, unknownKeyText } from './account-checks.ts';
export * from './apply-setting.ts';
export * from './change-shadows.ts';

export { targetOf } from './content.ts';
export type { AnyPolicy, Content, Draft } from './content.ts';
export { followSettings } from './follow-settings.ts';
export type { FollowedSettings, FollowedStatus } from './follow-settings.ts';
export { knownSettings } from './known-settings.ts';
export * from './setting-not-written.ts';
export { untilWritten } from './until-written.ts';

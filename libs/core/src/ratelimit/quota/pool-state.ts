import type { TargetId } from '../../lang/target.ts';
import type { MemberState, PoolState } from '../../decision/quota-facts.ts';

export function newPool(targets: readonly TargetId[]): PoolState {
  return { members: targets.map((target) => ({ target })) };
}

/** `state` with one member changed. */
export function withMember(
  state: PoolState,
  target: TargetId,
  change: (member: MemberState) => MemberState,
): PoolState {
  return {
    ...state,
    members: state.members.map((member) => (member.target === target ? change(member) : member)),
  };
}

export function memberOf(state: PoolState, target: TargetId): MemberState | undefined {
  return state.members.find((member) => member.target === target);
}

/** `value` without some of its fields. */
export function without<T extends object, K extends keyof T>(
  value: T,
  ...fields: readonly K[]
): Omit<T, K> {
  const rest = { ...value };
  for (const field of fields) Reflect.deleteProperty(rest, field);
  return rest;
}

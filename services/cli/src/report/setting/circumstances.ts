import type { ActionFinding, AssessedAction, Caveat, Explanation } from '@headroom/scenario';

export type ExplainedAction = AssessedAction & {
  readonly finding: Extract<ActionFinding, { kind: 'explained' }>;
};

/** Explained actions of one kind, which all lack the same. */
export interface Circumstance {
  readonly by: Explanation;
  readonly caveat?: Caveat;
  readonly actions: readonly ExplainedAction[];
}

/** The most frequent first; what is Azure's word alone comes last. */
export function circumstancesOf(actions: readonly AssessedAction[]): readonly Circumstance[] {
  const groups = Map.groupBy(
    actions.filter(isExplained),
    ({ finding: { by, caveat } }) => `${by} ${caveat}`,
  );
  const all = [...groups.values()].flatMap((own): Circumstance[] => {
    const [first] = own;
    if (first === undefined) return [];
    const { by, caveat } = first.finding;
    return [{ by, ...(caveat === undefined ? {} : { caveat }), actions: own }];
  });
  const isWord = ({ caveat }: Circumstance) => Number(caveat === 'azuresWord');
  return all.sort((a, b) => isWord(a) - isWord(b) || b.actions.length - a.actions.length);
}

export function isExplained(action: AssessedAction): action is ExplainedAction {
  return action.finding.kind === 'explained';
}

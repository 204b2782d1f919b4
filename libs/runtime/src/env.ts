import type { z } from 'zod';

/** What a process is given: names and texts. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What to read: each entry is a schema over the whole environment, see `variables.ts`. */
export type Entries = Readonly<Record<string, z.ZodType>>;

export type Configuration<E extends Entries> = { readonly [K in keyof E]: z.output<E[K]> };

/** A variable that is missing or wrong. Values are never repeated: they may be secrets. */
export interface VariableProblem {
  readonly variable: string;
  readonly problem: string;
}

/** The environment lacks what is needed. It names every variable, so that one round mends it. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly problems: readonly VariableProblem[];

  constructor(reader: string, problems: readonly VariableProblem[]) {
    const lines = problems.map(({ variable, problem }) => `  ${variable}: ${problem}`);
    const head = `${reader} cannot start: the environment is incomplete or wrong.`;
    super([head, ...lines, 'Set these variables and start again.'].join('\n'));
    this.problems = problems;
  }
}

/**
 * Reads every entry from `env`. An empty variable counts as absent. Throws one `EnvironmentError`
 * that names all that is missing or wrong; `reader` is who reads, for the message.
 */
export function readEnv<E extends Entries>(
  reader: string,
  entries: E,
  env: Environment,
): Configuration<E> {
  const given = withoutEmpty(env);
  const problems: VariableProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(entries)) {
    const parsed = schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(...parsed.error.issues.map((issue) => problemOf(issue, given)));
  }
  if (problems.length > 0) throw new EnvironmentError(reader, problems);
  // Each value came out of the entry of its name: the compiler cannot follow the loop.
  return values as Configuration<E>;
}

function withoutEmpty(env: Environment): Environment {
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(given);
}

function problemOf(issue: z.core.$ZodIssue, given: Environment): VariableProblem {
  const variable = String(issue.path[0] ?? 'the environment');
  const absent = given[variable] === undefined;
  return { variable, problem: `${absent ? 'missing' : 'wrong'}; expected ${issue.message}` };
}

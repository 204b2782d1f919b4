/**
 * Where the named test of each worked case lives: `golden NN: …` in one of these files. Numbers have gaps; sections G and H
 * are about forecasts and another command line, of section I two rows are ours. `L`: acceptance cases of limits, which `test/ratelimit` has whole.
 */
const table: Readonly<Record<string, readonly (number | string)[]>> = {
  'test/golden/a-flapping.yaml': [1, 2, 6, 8, 10, 11, 12, '12b', 13, 14, 15, 16, 19],
  'test/golden/b-several-rules.yaml': [21, 22, 23, 24, 25, 26, 28, 29, 30],
  'test/golden/c-capacity.yaml': [32, 33, 35, 36, 37, 42, 43],
  'test/golden/d-schedules.yaml': [45, 46, 48, 49, 51, 52, 58],
  'test/golden/e-per-instance.yaml': [62, 65, 66, 68, 69, 70, 71],
  'test/golden/f-cooldown.yaml': [72, 73, 74, 75, 77],
  'test/golden/g-limits.yaml': ['L5', 'L8', 'L12', 'L13', 'L15', 'L23', 'L27', 'L29'],
  'libs/core/src/lint/lint.test.ts': [20, 53],
  'libs/core/src/setting/active-profile.test.ts': [44, 54, 59],
  'libs/wire/src/autoscale-setting/limits.test.ts': [39, '39b', 40, 60, 78],
  'libs/wire/src/autoscale-setting/schedules.test.ts': [55, 56, 57],
  'libs/wire/src/metric-records/decode.test.ts': [120, 122],
};

/** A row, and the file that has its test, from the root of the repository. */
export interface GoldenRow {
  readonly row: string;
  readonly file: string;
}

export const goldenRows: readonly GoldenRow[] = Object.entries(table).flatMap(([file, rows]) =>
  rows.map((row) => ({ row: String(row), file })),
);

/** The files of scale tests. */
export const goldenFiles = Object.keys(table).filter((file) => file.endsWith('.yaml'));

export function rowsOf(file: string): readonly (number | string)[] {
  return table[file] ?? [];
}

import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { root } from './sources.ts';

/** Each rule is broken once, in a folder made for it: a rule that matches nothing would pass for ever. */
const violations: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['stage-metric', 'libs/core/src/metric/a.ts', 'libs/core/src/decision/b.ts'],
  ['stage-decision', 'libs/core/src/decision/a.ts', 'libs/core/src/log/b.ts'],
  ['stage-log', 'libs/core/src/log/a.ts', 'libs/core/src/explain/b.ts'],
  ['stage-explain', 'libs/core/src/explain/a.ts', 'libs/core/src/lint/b.ts'],
  ['core-is-pure', 'libs/core/src/lang/a.ts', 'node:fs'],
  ['ports-see-core', 'libs/ports/src/a.ts', 'libs/wire/src/index.ts'],
  ['wire-sees-core', 'libs/wire/src/a.ts', 'libs/ports/src/index.ts'],
  ['apps-see-core-and-ports', 'libs/router/src/a.ts', 'libs/wire/src/index.ts'],
  ['apps-see-core-and-ports', 'libs/evaluator/src/a.ts', 'libs/router/src/index.ts'],
  ['adapters-see-core-ports-wire', 'libs/azure-arm/src/a.ts', 'libs/memory/src/index.ts'],
  ['adapters-see-core-ports-wire', 'libs/memory/src/a.ts', 'libs/applier/src/index.ts'],
  ['scenario-sees-core-and-ports', 'libs/scenario/src/a.ts', 'libs/wire/src/index.ts'],
  ['runtime-knows-no-domain', 'libs/runtime/src/a.ts', 'libs/core/src/index.ts'],
  ['no-service-sees-another', 'services/ingest/src/a.ts', 'services/scaler/src/b.ts'],
  ['nothing-imports-services', 'infra/demo/src/a.ts', 'services/cli/src/index.ts'],
  ['production-does-not-import-tests', 'libs/core/src/lang/a.ts', 'test/pipeline/b.ts'],
  ['libs-do-not-import-infra', 'libs/ports/src/a.ts', 'infra/topology/src/index.ts'],
  ['tsyringe-in-compose-only', 'services/ingest/src/main.ts', 'tsyringe'],
  ['one-door', 'services/cli/src/a.ts', 'libs/core/src/metric/b.ts'],
];

const allowed: readonly (readonly [from: string, to: string])[] = [
  ['libs/core/src/decision/ok.ts', 'libs/core/src/metric/b.ts'],
  ['libs/evaluator/src/ok.ts', 'libs/ports/src/index.ts'],
  ['services/cli/src/ok.ts', 'libs/wire/src/index.ts'],
  ['services/ingest/src/compose.ts', 'tsyringe'],
];

describe('the dependency rule', () => {
  const broken = cruiseAll();

  test.each(violations)('%s: %s must not import %s', (rule, from, to) => {
    expect(broken(from, to)).toContain(rule);
  });

  test.each(allowed)('%s may import %s', (from, to) => {
    expect(broken(from, to)).toEqual([]);
  });
});

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

/** Makes a folder of nothing but these imports, cruises it once, and answers by import which rules it breaks. */
function cruiseAll(): (from: string, to: string) => readonly string[] {
  mkdirSync(join(root, '.nx'), { recursive: true });
  const folder = mkdtempSync(join(root, '.nx', 'rules-'));
  try {
    write(join(folder, 'tsconfig.base.json'), '{"compilerOptions":{"module":"nodenext"}}');
    write(join(folder, 'node_modules/tsyringe/package.json'), '{"name":"tsyringe"}');
    write(join(folder, 'node_modules/tsyringe/index.js'), 'export {};\n');
    const pairs = [...violations.map(([, from, to]) => [from, to] as const), ...allowed];
    for (const [, to] of pairs) if (to.endsWith('.ts')) write(join(folder, to), 'export {};\n');
    for (const [from, to] of pairs) {
      const up = '../'.repeat(from.split('/').length - 1);
      const line = `import '${to.endsWith('.ts') ? up + to : to}';\n`;
      appendFileSync(made(join(folder, from)), line);
    }
    const found = cruise(folder);
    return (from, to) =>
      found
        .filter((one) => one.from === from && (one.to === to || one.to.endsWith(`${to}/index.js`)))
        .map(({ rule }) => rule.name)
        .concat(to.startsWith('node:') ? rulesOfBuiltin(found, from) : []);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A built-in is named without its prefix. */
function rulesOfBuiltin(found: readonly Violation[], from: string): readonly string[] {
  return found
    .filter((one) => one.from === from && !one.to.includes('/'))
    .map((one) => one.rule.name);
}

function cruise(folder: string): readonly Violation[] {
  const command = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const config = join(root, '.dependency-cruiser.cjs');
  const args = [command, '--config', config, '--output-type', 'json', 'libs', 'services', 'infra'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  const { summary } = JSON.parse(stdout) as { summary: { violations: readonly Violation[] } };
  return summary.violations;
}

function made(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

function write(path: string, text: string): void {
  writeFileSync(made(path), text);
}

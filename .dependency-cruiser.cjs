// Who may import whom: ARCHITECTURE.md in a table. `test/architecture` breaks each rule once and expects the error.
const stages = [
  'lang',
  'metric',
  'setting',
  'evaluation',
  'decision',
  'command',
  'outcome',
  'audit',
  'ratelimit',
  'log',
  'explain',
  'lint',
];
const adapters =
  'azure-event-hubs|azure-service-bus|azure-cosmos|azure-arm|azure-monitor|http-proxy|memory|webhook';
const apps = 'router|evaluator|applier|recorder|collector|limiter|settings';
const tests = '[.](test|fixture)[.]ts$';

const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^libs/(${from})/`, pathNot: tests },
  to: { path: '^(libs|services|infra|test)/', pathNot: `^libs/($1|${allowed})/` },
});

module.exports = {
  forbidden: [
    ...stages.slice(0, -1).map((stage, index) => ({
      name: `stage-${stage}`,
      comment: 'A stage of core imports earlier stages only.',
      severity: 'error',
      from: { path: `^libs/core/src/${stage}/`, pathNot: tests },
      to: { path: `^libs/core/src/(${stages.slice(index + 1).join('|')})/` },
    })),
    {
      name: 'core-is-pure',
      comment: 'core imports nothing but itself and a pure hash.',
      severity: 'error',
      from: { path: '^libs/core/src/', pathNot: tests },
      to: { pathNot: '^libs/core/src/|node_modules/@noble/hashes/' },
    },
    only('ports-see-core', 'ports', 'core', 'A port speaks in terms of core.'),
    only('wire-sees-core', 'wire', 'core', 'Contracts speak in terms of core.'),
    only('apps-see-core-and-ports', apps, 'core|ports', 'Never wire, an adapter or each other.'),
    only(
      'adapters-see-core-ports-wire',
      adapters,
      'core|ports|wire',
      'Never an app or each other.',
    ),
    only('scenario-sees-core-and-ports', 'scenario', 'core|ports', 'Parsers are handed in.'),
    only('runtime-knows-no-domain', 'runtime', 'runtime', 'No domain words in runtime.'),
    {
      name: 'no-service-sees-another',
      comment: 'Services talk through messages.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'nothing-imports-services',
      comment: 'A service is a root; nothing stands on it.',
      severity: 'error',
      from: { path: '^(libs|infra)/' },
      to: { path: '^services/' },
    },
    {
      name: 'production-does-not-import-tests',
      severity: 'error',
      from: { path: '^(libs|services|infra)/' },
      to: { path: '^test/' },
    },
    {
      name: 'libs-do-not-import-infra',
      severity: 'error',
      from: { path: '^libs/', pathNot: tests },
      to: { path: '^infra/' },
    },
    {
      name: 'tsyringe-in-compose-only',
      comment: 'The container stays in the composition root.',
      severity: 'error',
      from: { pathNot: '^services/[^/]+/src/compose[.]ts$' },
      to: { path: 'node_modules/tsyringe/' },
    },
    {
      name: 'one-door',
      comment: 'A package is imported by its name, never by a path into its folder.',
      severity: 'error',
      from: { path: '^(libs|services|infra)/([^/]+)/' },
      to: {
        path: '^(libs|services|infra)/[^/]+/src/',
        pathNot: '^$1/$2/|/src/index[.]ts$',
      },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};

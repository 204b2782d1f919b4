import { chmod, copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

// Makes the one published file, dist/headroom.mjs, from the sources and every package that they use, and beside it the
// package.json that npm publishes it with.
//   node services/cli/bundle/build.ts [FOLDER]

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = resolve(process.argv[2] ?? `${root}/dist`);
const bytesMax = 16_000_000;

/** What the file can be besides the command line: `partOf` in libs/runtime names the same. */
const parts = {
  azure: './infra/local-azure/src/main.ts',
  cosmos: './infra/local-azure/src/cosmos/worker.ts',
  ingest: './services/ingest/src/main.ts',
  scaler: './services/scaler/src/main.ts',
  audit: './services/audit/src/main.ts',
  poller: './services/poller/src/main.ts',
  gateway: './services/gateway/src/main.ts',
  sweep: './services/cli/src/backtest/sweep-thread.ts',
  assess: './services/cli/src/assess/thread.ts',
};

const imports = Object.entries(parts).map(([name, file]) => `'${name}': () => import('${file}')`);
const entry = `
const parts = {${imports.join()}};
if (process.argv[2] === '--part') {
  const [, name] = process.argv.splice(2, 2);
  await parts[name]();
} else {
  await import('./services/cli/src/main.ts');
}`;

/** A text that is read from beside a source comes along as what it says. */
const texts: Plugin = {
  name: 'texts',
  setup(building) {
    const reading = /await readFile\(\s*new URL\('([^']+)', import\.meta\.url\),\s*'utf8',?\s*\)/g;
    building.onLoad({ filter: /infra\/demo\/src\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const contents = new Map<string, string>();
      for (const [, name = ''] of source.matchAll(reading)) {
        contents.set(name, await readFile(resolve(dirname(path), name), 'utf8'));
      }
      const embedded = source.replace(reading, (_, name: string) =>
        JSON.stringify(contents.get(name)),
      );
      return { contents: embedded, loader: 'ts' };
    });
  },
};

const file = `${folder}/headroom.mjs`;
const result = await build({
  stdin: { contents: entry, resolveDir: root, loader: 'js' },
  outfile: file,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Names stay: stacks and errors are read by people.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'eof',
  define: { HEADROOM_BUNDLE: 'true' },
  banner: {
    // Packages in CommonJS ask for Node's own modules by require.
    js: `#!/usr/bin/env node\nimport { createRequire as createRequire_ } from 'node:module';\nconst require = createRequire_(import.meta.url);`,
  },
  plugins: [texts],
  metafile: true,
  logLevel: 'warning',
});
await chmod(file, 0o755);
const { size } = await stat(file);
if (size > bytesMax) throw new Error(`bundle: ${size} bytes, more than ${bytesMax}: what came in?`);
await writeFile(`${folder}/package.json`, `${JSON.stringify(await publishedPackage(), null, 2)}\n`);
await copyFile(`${root}/LICENSE`, `${folder}/LICENSE`);
await writeFile(`${folder}/LICENSES.txt`, await licences(Object.keys(result.metafile.inputs)));
console.log(`${relative(process.cwd(), file)}  ${(size / 1e6).toFixed(1)} MB`);

async function publishedPackage(): Promise<object> {
  const { name, version, description, license, engines } = await jsonOf(`${root}/package.json`);
  const files = ['headroom.mjs', 'LICENSES.txt'];
  return {
    name,
    version,
    description,
    license,
    engines,
    type: 'module',
    bin: { headroom: 'headroom.mjs' },
    files,
  };
}

/** Name, version and licence of each package that is inside, with the text of its licence where it has one. */
async function licences(inputs: readonly string[]): Promise<string> {
  const folders = new Set(
    inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []),
  );
  const entries = await Promise.all([...folders].sort().map(licenceOf));
  return entries.join(`\n${'-'.repeat(80)}\n`);
}

async function licenceOf(input: string): Promise<string> {
  const packageFolder = resolve(input);
  const { name, version, license } = await jsonOf(`${packageFolder}/package.json`);
  const head = `${String(name)} ${String(version)}: ${String(license)}\n`;
  for (const candidate of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE']) {
    const text = await readFile(`${packageFolder}/${candidate}`, 'utf8').catch(() => undefined);
    if (text !== undefined) return `${head}\n${text}`;
  }
  return head;
}

async function jsonOf(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
}

import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { startLocalAzure } from '@headroom/local-azure';
import type { LocalAzure } from '@headroom/local-azure';
import { managementSteps, startManagedGateway } from './management.ts';
import type { ManagedGateway } from './management.ts';
import { steps } from './steps.ts';
import type { Step } from './steps.ts';

const commandLimitMs = 90_000;
const execute = promisify(execFile);

/**
 * `npm run az`: the real Azure CLI against the embedded Azure and a gateway's management listener. Each command's output is
 * checked; the exit code is 1 when one fails. `--install` gets the CLI with apt-get where it is missing.
 */
await main();

async function main(): Promise<void> {
  if (!isInstalled() && !install(process.argv.includes('--install'))) {
    process.exitCode = 1;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'headroom-az-'));
  try {
    await using azure = await startLocalAzure({
      dataDir: join(folder, 'azure'),
      provisioningMs: 0,
    });
    await using gateway = await startManagedGateway(azure);
    const failed = await runAll(azure, gateway, environment(azure, folder));
    process.exitCode = failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isInstalled(): boolean {
  try {
    execFileSync('az', ['version'], { stdio: 'ignore', timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
}

function install(asked: boolean): boolean {
  if (!asked) {
    process.stderr.write(
      'The Azure CLI (az) is not installed. Install it, or let this do it on Debian or Ubuntu, as root:\n' +
        '  npm run az -- --install\n',
    );
    return false;
  }
  const packages = ['install', '--yes', '--no-install-recommends', 'azure-cli'];
  execFileSync('apt-get', packages, { stdio: 'inherit', timeout: 900_000 });
  return isInstalled();
}

/** Nothing of the user's own az is read or written. */
function environment({ env }: LocalAzure, folder: string): NodeJS.ProcessEnv {
  const bundle = join(folder, 'bundle.pem');
  const own = readFileSync(env.NODE_EXTRA_CA_CERTS, 'utf8');
  writeFileSync(bundle, [...rootCertificates, own].join('\n'));
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    AZURE_CONFIG_DIR: join(folder, 'config'),
    AZURE_CORE_COLLECT_TELEMETRY: '0',
    AZURE_CORE_SURVEY_MESSAGE: '0',
    AZURE_CORE_NO_COLOR: '1',
    REQUESTS_CA_BUNDLE: bundle,
  };
}

async function runAll(
  azure: LocalAzure,
  gateway: ManagedGateway,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  let [passed, failed] = [0, 0];
  for (const step of [...steps(azure), ...managementSteps(gateway, azure)]) {
    try {
      await run(step, { ...env, ...step.env });
      passed += 1;
      process.stdout.write(`ok    ${step.name}\n`);
    } catch (error) {
      failed += 1;
      // The arguments may hold a secret: they are not shown.
      const text = error instanceof Error ? error.message : String(error);
      process.stdout.write(`FAIL  ${step.name}: ${text}\n`);
    }
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed;
}

async function run({ args, check, refusal }: Step, env: NodeJS.ProcessEnv): Promise<void> {
  if (refusal === undefined) {
    check(await az(args, env));
    return;
  }
  const message = await az(args, env).then(
    () => 'it was not refused',
    (error: unknown) => String(error),
  );
  if (!refusal.test(message)) throw new Error(message);
}

/** The command's JSON; `undefined` where it prints none. */
async function az(args: readonly string[], env: NodeJS.ProcessEnv): Promise<unknown> {
  const options = { env, timeout: commandLimitMs, maxBuffer: 16 * 1024 * 1024 };
  try {
    const { stdout } = await execute('az', [...args, '--output', 'json'], options);
    return stdout.trim() === '' ? undefined : (JSON.parse(stdout) as unknown);
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const lines = stderr.trim().split('\n').slice(-4).join(' ');
    throw new Error(lines === '' ? message.split('\n')[0] : lines, { cause: error });
  }
}

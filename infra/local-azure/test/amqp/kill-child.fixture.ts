/** A server in a process of its own, for tests that kill it. Arguments: the data file, the port. */
import { startTestServer } from './server.fixture.ts';

const [, , dataFile = ':memory:', port = '0'] = process.argv;
const server = await startTestServer({ dataFile, port: Number(port) });
process.stdout.write(`${server.connectionString}\n`);
process.once('SIGTERM', () => process.exit(0));

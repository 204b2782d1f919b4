export default {
  testEnvironment: 'node',
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['**/*.test.ts'],
  // Real processes and SDKs on a busy machine: a limit for what hangs, not a measurement.
  testTimeout: 30_000,
  coverageProvider: 'v8',
};

import { defineConfig } from 'vitest/config';

// A walk through the console in a real browser, against a running binary: BASE_URL=http://127.0.0.1:8080 npm run e2e
export default defineConfig({
  test: {
    include: ['e2e/**/*.e2e.ts'],
    // The test runner has a BASE_URL of its own, which hides the one that was given.
    env: { CONSOLE_URL: process.env.BASE_URL ?? '' },
    testTimeout: 420_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    maxConcurrency: 2, // a walk waits more than it works, but the stopwatch is one of the tests
  },
});

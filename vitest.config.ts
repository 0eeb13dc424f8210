import { defineConfig } from 'vitest/config';

/** `unit` needs nothing but Node; `system` starts PostgreSQL, brokers and a browser. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,web/src}/**/*.test.ts', 'test/{architecture,docs}.test.ts'],
          // Thousands of cases of a property take as long as the machine lets them.
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/{integration,isolation,conformance,browser,runtime}/**/*.test.ts'],
          globalSetup: ['test/support/postgres-server.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});

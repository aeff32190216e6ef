import { defineConfig } from 'vitest/config';

const shared = { extends: true as const };

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
          include: ['{src,tests,scripts}/**/*.test.{ts,js}'],
          exclude: ['**/*.gpu.test.ts'],
        },
      },
      {
        ...shared,
        test: {
          name: 'gpu',
          sequence: { groupOrder: 1 },
          include: ['{src,tests}/**/*.gpu.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
          // Files share a worker's device, and with it the kernels: most of a software adapter's time is their compilation.
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          setupFiles: ['tests/helpers/vulkanDriver.ts'],
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          sequence: { groupOrder: 2 },
          include: ['tests/e2e/*.e2e.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          globalSetup: ['tests/helpers/builtPage.ts'],
        },
      },
      {
        ...shared,
        test: {
          name: 'firefox',
          sequence: { groupOrder: 3 },
          include: ['tests/e2e/*.firefox.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 180_000,
          globalSetup: ['tests/helpers/builtPage.ts'],
        },
      },
    ],
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One OpenOMS for all test files; it ends with the run, however that ends.
    globalSetup: ['openoms/testing/global-setup'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});

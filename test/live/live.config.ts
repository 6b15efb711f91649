import { defineConfig } from 'vitest/config'

/** Run by `npm run verify:live` alone: it needs accounts. */
export default defineConfig({
  test: {
    include: ['test/live/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 600_000,
  },
})

import { defineConfig } from 'vitest/config'

/** Whole platforms with encoders and browsers: one keeps two cores busy. */
const whole = { fileParallelism: false, testTimeout: 180_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{shared,run-services,functions,local,tools,infra}/**/*.test.ts'],
        },
      },
      { extends: true, test: { name: 'tidy', include: ['test/tidy/**/*.test.ts'] } },
      { extends: true, test: { name: 'contracts', include: ['test/contracts/**/*.test.ts'], testTimeout: 60_000 } },
      { extends: true, test: { name: 'infra', include: ['test/infra/**/*.test.ts'], testTimeout: 60_000 } },
      { extends: true, test: { name: 'journeys', include: ['test/journeys/**/*.test.ts'], ...whole } },
      { extends: true, test: { name: 'faults', include: ['test/faults/**/*.test.ts'], ...whole } },
      { extends: true, test: { name: 'browser', include: ['test/browser/**/*.test.ts'], ...whole } },
    ],
  },
})

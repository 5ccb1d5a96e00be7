import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Vitest leaves one processor free by itself; of two that would be half of them, while most tests wait for others. */
const WORKERS = Math.max(2, availableParallelism() - 1)

export default defineConfig({
  test: {
    include: ['{contract,main,renderer,scripts,bench}/**/*.test.ts'],
    environment: 'node',
    globalSetup: 'scripts/suites/build-for-units.ts',
    // Processes, not threads: tests fork, signal and change folders as the hosts do.
    pool: 'forks',
    maxWorkers: WORKERS,
    // A test waits for events; this is for one that starts real programs on a slow machine.
    testTimeout: 20_000,
    // Real processes on a busy machine: a failure is repeated once, and the end of the test command names it all the same.
    retry: 1,
    hookTimeout: 20_000,
  },
})

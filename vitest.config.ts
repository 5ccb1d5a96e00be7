import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{contract,main,renderer,scripts,bench}/**/*.test.ts'],
    environment: 'node',
    globalSetup: 'scripts/suites/build-for-units.ts',
    // Processes, not threads: tests fork, signal and change folders as the hosts do.
    pool: 'forks',
    // A test waits for events; this is for one that starts real programs on a slow machine.
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
})

import { defineConfig } from 'playwright/test'

/** A slow machine needs this for a journey through a real window; a test that waits for events is done far sooner. */
const TEST_TIMEOUT_MS = 90_000

export default defineConfig({
  testDir: 'tests',
  projects: [
    { name: 'window', testMatch: '{protocol,e2e}/**/*.spec.ts' },
    { name: 'cli', testMatch: 'cli/**/*.spec.ts' },
    { name: 'screens', testMatch: 'screens/**/*.spec.ts' },
    { name: 'package', testMatch: 'package/**/*.spec.ts' },
  ],
  timeout: TEST_TIMEOUT_MS,
  expect: { timeout: 15_000 },
  workers: 1,
  // As for the unit tests: what passed only when it was repeated is named at the end of the test command.
  retries: 1,
  forbidOnly: true,
  outputDir: 'test-results',
})

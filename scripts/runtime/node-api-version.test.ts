import { expect, test } from 'vitest'
import { launchFromEnvironment } from './electron-launch.ts'
import { nodeApiVersion } from './node-api-version.ts'

const { signal } = new AbortController()

test('an Electron tells its Node-API', async () => {
  const OLDEST_STILL_SEEN = 9
  expect(await nodeApiVersion(launchFromEnvironment(process.env).executable, signal)).toBeGreaterThanOrEqual(
    OLDEST_STILL_SEEN,
  )
})

test('a program that does not run as Node tells none', async () => {
  expect(await nodeApiVersion('/bin/false', signal)).toBeNull()
})

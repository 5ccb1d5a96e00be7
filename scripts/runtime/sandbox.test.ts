import { describe, expect, test } from 'vitest'
import { putOnPath } from './path-fixture.ts'
import { sandboxArguments } from './sandbox.ts'
import { setupFailure } from './setup-failure-fixture.ts'

const { signal } = new AbortController()

describe('sandboxArguments', () => {
  test('turns the sandbox off for root on Linux alone', async () => {
    expect(await sandboxArguments({ platform: 'linux', isRoot: true }, signal)).toEqual(['--no-sandbox'])
    expect(await sandboxArguments({ platform: 'darwin', isRoot: true }, signal)).toEqual([])
  })

  test('keeps it on for everyone else', async () => {
    await putOnPath({ unshare: 'exit 0' }, 'kept')
    expect(await sandboxArguments({ platform: 'linux', isRoot: false }, signal)).toEqual([])
  })

  test('says how to allow it where the system forbids user namespaces', async () => {
    await putOnPath({ unshare: 'echo "unshare: write failed /proc/self/uid_map" >&2; exit 1' }, 'kept')
    const failure = await setupFailure(sandboxArguments({ platform: 'linux', isRoot: false }, signal))
    expect(failure.code).toBe('not-runnable')
    expect(failure.message).toContain('sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0')
  })

  test('leaves the word to Chromium where nothing can be tried', async () => {
    await putOnPath({}, 'hidden')
    expect(await sandboxArguments({ platform: 'linux', isRoot: false }, signal)).toEqual([])
  })
})

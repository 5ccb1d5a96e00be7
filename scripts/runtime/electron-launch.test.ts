import { describe, expect, test } from 'vitest'
import { launchEnvironment, launchFromEnvironment } from './electron-launch.ts'

describe('launchFromEnvironment', () => {
  test('reads what launchEnvironment wrote', () => {
    const launch = { executable: '/e', args: ['--no-sandbox'], env: { OFFLOOP_SQLITE_BINDING: '/b' } }
    expect(launchFromEnvironment(launchEnvironment(launch))).toEqual(launch)
  })

  test('says how to run the tests when they were started another way', () => {
    expect(() => launchFromEnvironment({})).toThrow('npm test -- e2e')
  })

  test('refuses what another program wrote there', () => {
    expect(() => launchFromEnvironment({ OFFLOOP_ELECTRON: '{"executable":"/e"}' })).toThrow('does not hold')
  })
})

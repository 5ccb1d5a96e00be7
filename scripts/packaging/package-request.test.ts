import { describe, expect, test } from 'vitest'
import { readPackageRequest } from './package-request.ts'

describe('what npm run package is asked for', () => {
  test('nothing named on Linux means a deb that may be missing', () => {
    expect(readPackageRequest([], 'linux')).toEqual({
      kind: 'make',
      purpose: 'release',
      formats: ['deb'],
      named: false,
    })
  })

  test('a format that is named must be made', () => {
    expect(readPackageRequest(['AppImage'], 'linux')).toEqual({
      kind: 'make',
      purpose: 'release',
      formats: ['AppImage'],
      named: true,
    })
  })

  test('a test package is a folder, unless a format is named too', () => {
    expect(readPackageRequest(['--test'], 'linux')).toMatchObject({ purpose: 'test', formats: [] })
    expect(readPackageRequest(['--test', 'deb'], 'linux')).toMatchObject({
      purpose: 'test',
      formats: ['deb'],
    })
  })

  test('an unknown word is quoted, and what is possible is named', () => {
    const request = readPackageRequest(['rpm'], 'linux')
    expect(request.kind === 'refused' && request.message).toMatch(/"rpm".*--test, deb, AppImage/)
  })

  test('on macOS and Windows formats are not named here', () => {
    expect(readPackageRequest(['deb'], 'darwin').kind).toBe('refused')
    expect(readPackageRequest([], 'win32')).toMatchObject({ kind: 'make', purpose: 'release', formats: [] })
  })
})

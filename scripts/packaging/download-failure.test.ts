import { createConnection } from 'node:net'
import { expect, test } from 'vitest'
import { downloadFailure } from './download-failure.ts'

/** Nothing listens on this port of this machine. */
const CLOSED_PORT = 1

function refusedConnection(): Promise<Error> {
  return new Promise((resolve) => createConnection(CLOSED_PORT, '127.0.0.1').once('error', resolve))
}

test('a connection that was refused, deep inside an error, is a download that failed, and its address is named', async () => {
  const error = new Error('cannot get https://example.org/tools.zip', {
    cause: new AggregateError([await refusedConnection()]),
  })
  const failure = downloadFailure('AppImage', error)
  expect(failure?.code).toBe('no-network')
  expect(failure?.message).toMatch(
    /AppImage could not be made.*ECONNREFUSED.*https:\/\/example\.org\/tools\.zip/s,
  )
})

test('any other error stays what it is', () => {
  expect(downloadFailure('AppImage', new Error('https://example.org is in the message'))).toBeNull()
  expect(downloadFailure('AppImage', 'no error at all')).toBeNull()
})

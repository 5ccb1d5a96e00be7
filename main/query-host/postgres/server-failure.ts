import type { PostgresAddress } from '#contract/postgres-address.ts'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import type { BoundStatement } from './bind-values.ts'
import { textOffset } from './text-offset.ts'

/** Error codes of the server: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const SQLSTATE = {
  connectionFailure: '08006',
  invalidPassword: '28P01',
  noSuchDatabase: '3D000',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
  readOnlyTransaction: '25006',
  tooManyConnections: '53300',
} as const

/** An error that the server itself reported. */
export interface ServerError extends Error {
  readonly code: string
  readonly severity: string
  readonly detail?: string | undefined
  readonly hint?: string | undefined
  /** What the server was doing, such as reading a line of COPY. */
  readonly where?: string | undefined
  /** In characters from 1, in decimal. */
  readonly position?: string | undefined
}

/** Whether something thrown came from the server, and not from the way to it. */
export function isServerError(thrown: unknown): thrown is ServerError {
  return (
    thrown instanceof Error && 'severity' in thrown && 'code' in thrown && typeof thrown.code === 'string'
  )
}

/** A server as messages name it. */
export function serverName({ host, port }: PostgresAddress): string {
  return host.startsWith('/') ? `${host} (port ${port})` : `${host}:${port}`
}

/** Why a connection could not be made, for a person. */
export function connectFailure(error: unknown, address: PostgresAddress): unknown {
  if (error instanceof RequestFailed || !(error instanceof Error)) return error
  if (!isServerError(error)) return wayFailure(error, address)
  const { code } = error
  const about = fullMessage(error)
  switch (code) {
    case SQLSTATE.invalidPassword:
      return failed(
        'database',
        `${serverName(address)} refused the password of "${address.user}". Save the right one, and try again.`,
        { engineCode: code },
      )
    case SQLSTATE.noSuchDatabase:
      return failed('database', `${about} Correct the name behind the last slash of the address.`, {
        engineCode: code,
      })
    case SQLSTATE.tooManyConnections:
      return failed(
        'database',
        `${serverName(address)} takes no more connections (${error.message}). Close some elsewhere, and try again.`,
        { engineCode: code },
      )
    default:
      return failed('database', about, { engineCode: code })
  }
}

/**
 * What went wrong with a statement, for a person, with its place in the text.
 * @param statement what a person has written; without one no place is given.
 */
export function statementFailure(
  error: unknown,
  address: PostgresAddress,
  statement?: Pick<BoundStatement, 'text' | 'originalOffset'>,
): unknown {
  if (error instanceof RequestFailed || !(error instanceof Error)) return error
  if (!isServerError(error)) return lostConnection(error.message, address, SQLSTATE.connectionFailure)
  const { code, severity, position } = error
  if (severity === 'FATAL' || severity === 'PANIC') return lostConnection(error.message, address, code)
  const details = {
    engineCode: code,
    ...(position === undefined || !statement
      ? {}
      : { position: statement.originalOffset(textOffset(statement.text, Number(position))) }),
  }
  return failed('database', fullMessage(error), details)
}

function lostConnection(what: string, address: PostgresAddress, engineCode: string): RequestFailed {
  return failed(
    'database',
    `The connection to ${serverName(address)} ended while the statement was running (${what}). The rows so far are kept, and a change that was not finished is undone. Run it again when the server is back.`,
    { engineCode },
  )
}

function fullMessage({ message, detail, hint }: ServerError): string {
  const parts = [sentence(message)]
  if (detail) parts.push(sentence(detail))
  if (hint) parts.push(`Hint: ${sentence(hint)}`)
  return parts.join(' ')
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** The driver has no codes of its own for these two. */
const NO_TLS = 'The server does not support SSL connections'
const TOO_SLOW = 'timeout expired'

function wayFailure(error: Error, address: PostgresAddress): RequestFailed {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const name = serverName(address)
  const details = { engineCode: code ?? SQLSTATE.connectionFailure }
  if (error.message === NO_TLS) {
    return failed(
      'database',
      `${name} does not offer TLS, which sslmode=${address.sslmode} requires. Have it switched on there, or use sslmode=disable on a network that you trust.`,
      details,
    )
  }
  if (error.message === TOO_SLOW || code === 'ETIMEDOUT') {
    return failed('database', `${name} did not answer in time. Check the address and the network.`, details)
  }
  if (code === 'ECONNREFUSED' || code === 'ENOENT') {
    return failed(
      'database',
      `There is no server at ${name}. Check the address, and that the server is running.`,
      details,
    )
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return failed(
      'database',
      `The host "${address.host}" cannot be found. Check its name and the network.`,
      details,
    )
  }
  if (code !== undefined && (/CERT|SIGNATURE|ISSUER/.test(code) || code.startsWith('ERR_TLS'))) {
    return failed(
      'database',
      `The certificate of ${name} cannot be trusted (${error.message}). Give the certificates to trust with sslrootcert, or use sslmode=require to take any.`,
      details,
    )
  }
  return failed('database', `${name} cannot be reached: ${sentence(error.message)} Try again.`, details)
}

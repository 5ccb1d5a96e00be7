import { pragmaNames, type PragmaInfo, type PragmaName } from '#contract/database.ts'
import { databaseFailure, isEngineError, refusal, type Connection } from './database-failure.ts'
import { retryWhileLocked } from './retry-while-locked.ts'

/** What may be done with a pragma, as https://www.sqlite.org/pragma.html has it. */
interface Kind {
  readonly scope: PragmaInfo['scope']
  /** The words of its numbers, in their order, where it has words. */
  readonly words?: readonly string[]
  /** The values that it may be set to; a range for integers. Absent where it cannot be set. */
  readonly settable?: readonly string[] | { readonly least: number; readonly most: number }
  readonly needsVacuum?: boolean
}

/** A signed 32-bit integer, which user_version and application_id are in the file's header. */
const INT_32 = { least: -(2 ** 31), most: 2 ** 31 - 1 } as const
const PAGE_SIZES = ['512', '1024', '2048', '4096', '8192', '16384', '32768', '65536']
const OFF_ON = ['off', 'on']

const KINDS: Readonly<Record<PragmaName, Kind>> = {
  journal_mode: { scope: 'file', settable: ['delete', 'wal'] },
  auto_vacuum: {
    scope: 'file',
    words: ['none', 'full', 'incremental'],
    settable: ['none', 'full', 'incremental'],
    needsVacuum: true,
  },
  page_size: { scope: 'file', settable: PAGE_SIZES, needsVacuum: true },
  user_version: { scope: 'file', settable: INT_32 },
  application_id: { scope: 'file', settable: INT_32 },
  encoding: { scope: 'file' },
  page_count: { scope: 'file' },
  freelist_count: { scope: 'file' },
  synchronous: { scope: 'connection', words: ['off', 'normal', 'full', 'extra'] },
  foreign_keys: { scope: 'connection', words: OFF_ON },
  cache_size: { scope: 'connection' },
  busy_timeout: { scope: 'connection' },
  wal_autocheckpoint: { scope: 'connection' },
  trusted_schema: { scope: 'connection', words: OFF_ON },
}

/** Reads the pragmas that matter. @throws RequestFailed `database`. */
export async function readPragmas(
  connection: Connection,
  signal?: AbortSignal,
): Promise<{ pragmas: PragmaInfo[] }> {
  try {
    const pragmas = await retryWhileLocked(
      () => pragmaNames.map((name) => describe(name, connection)),
      signal,
    )
    return { pragmas }
  } catch (error) {
    throw isEngineError(error) ? databaseFailure(error, connection.name) : error
  }
}

function describe(name: PragmaName, connection: Connection): PragmaInfo {
  const { scope, settable, needsVacuum = false } = KINDS[name]
  const values = Array.isArray(settable) ? { values: [...(settable as readonly string[])] } : {}
  return {
    name,
    value: valueOf(name, connection),
    scope,
    ...values,
    editable: settable !== undefined && !connection.readonly,
    needsVacuum,
  }
}

function valueOf(name: PragmaName, connection: Connection): string {
  const value = String(connection.pragma(name, { simple: true }))
  return KINDS[name].words?.[Number(value)] ?? value
}

/**
 * Sets a pragma that the file keeps. Where only a VACUUM lets it take effect, that is done at once, so that what was set
 * is what is so.
 * @returns what it is now.
 * @throws RequestFailed `database` when it cannot be set, or not to this.
 */
export async function setPragma(
  connection: Connection,
  { name, value }: { readonly name: PragmaName; readonly value: string },
  signal?: AbortSignal,
): Promise<PragmaInfo> {
  const { scope, settable, needsVacuum } = KINDS[name]
  if (scope === 'connection') {
    throw refusal(
      `${name} is a choice of each connection and is not kept in the file. Set it with PRAGMA in a session that needs it.`,
    )
  }
  if (settable === undefined) throw refusal(`${name} can only be read.`)
  if (connection.readonly) {
    throw refusal(`${connection.name} is open read-only, so ${name} cannot be set. Open it read-write.`)
  }
  if (!fits(value, settable)) {
    const allowed =
      'least' in settable ? `an integer from ${settable.least} to ${settable.most}` : settable.join(', ')
    throw refusal(`${name} cannot be "${value}". Choose ${allowed}.`)
  }
  try {
    // Only a value that was found to be a word or a number of ours gets into the text.
    await retryWhileLocked(() => connection.pragma(`${name} = ${value}`), signal)
    if (needsVacuum === true && valueOf(name, connection) !== value) {
      await retryWhileLocked(() => connection.exec('VACUUM'), signal)
    }
  } catch (error) {
    throw isEngineError(error) ? databaseFailure(error, connection.name) : error
  }
  const now = describe(name, connection)
  if (now.value === value) return now
  throw refusal(`${name} is still ${now.value}. ${whyNot(name, connection)}`)
}

function fits(value: string, settable: NonNullable<Kind['settable']>): boolean {
  if (!('least' in settable)) return settable.includes(value)
  const number = Number(value)
  return /^-?\d+$/.test(value) && number >= settable.least && number <= settable.most
}

function whyNot(name: PragmaName, connection: Connection): string {
  const inWal = connection.pragma('journal_mode', { simple: true }) === 'wal'
  if (name === 'page_size' && inWal) {
    return 'It cannot change in WAL mode: set journal_mode to delete first, and back afterwards.'
  }
  return 'Another program has the database open. Close it there and try again.'
}

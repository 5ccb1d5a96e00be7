import { serviceContract } from '#contract/service.ts'
import type { Failure } from '#contract/failure.ts'
import type { serviceRecovery } from '#contract/recovery.ts'
import type { Port } from '#kit/port.ts'
import { refuseAll } from '#kit/refuse-all.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import { askThread } from '../app-database/backup/ask-thread.ts'
import { backupFolder } from '../app-database/backup/kept-backups.ts'
import { isDamage } from '../app-database/damage.ts'

/** What the answers are made from. */
export interface RecoveryParts {
  /** Absolute path of the app database. */
  readonly file: string
  /** Absolute path of the folder with the numbered migrations. */
  readonly migrations: string
  /** The thread that works on backups. */
  readonly entry: URL
}

type RecoveryHandlers = Handlers<typeof serviceRecovery>

/** The answers of a service whose database is in order: it has backups, and puts none of them back. */
export function recoveryOfSound(parts: Pick<RecoveryParts, 'file' | 'entry'>): RecoveryHandlers {
  return {
    'recovery.describe': (_params, { signal }) => describe(parts, null, signal),
    'recovery.replace'() {
      throw failed(
        'invalid-params',
        "Offloop's own database is in order: nothing was changed. A backup takes its place only when it is damaged.",
      )
    },
  }
}

/**
 * Answers a window or a command line in place of a service that could not be opened: everything with the reason, but for
 * the way out where that is damage.
 * @param onReplaced when the database can be opened again, and this was answered.
 */
export function serveRefused(
  parts: RecoveryParts,
  port: Port,
  failure: Failure,
  onReplaced: () => void,
): void {
  const { file, migrations, entry } = parts
  const damaged = isDamage(failure)
  refuseAll(serviceContract, port, failure, {
    'recovery.describe': (_params, { signal }) => describe(parts, failure, signal),
    async 'recovery.replace'({ backup }) {
      if (!damaged)
        throw failed('invalid-params', `It is not damaged: nothing was changed. ${failure.message}`)
      // Once begun it is carried to its end, whoever has gone.
      const { signal } = new AbortController()
      const replaced = await replaceOnce(() =>
        askThread(entry, { kind: 'replace', file, migrations, backup, at: Date.now() }, signal),
      )
      onReplaced()
      return replaced
    },
  } satisfies RecoveryHandlers)
}

let replacing = false

/** Two at once, of a window and a command line, would be in each other's way. */
async function replaceOnce<R>(replace: () => Promise<R>): Promise<R> {
  if (replacing) throw failed('invalid-params', 'The database is being replaced already. Wait a moment.')
  replacing = true
  try {
    return await replace()
  } finally {
    replacing = false
  }
}

async function describe(
  { file, entry }: Pick<RecoveryParts, 'file' | 'entry'>,
  failure: Failure | null,
  signal: AbortSignal,
) {
  const backups = await askThread(entry, { kind: 'describe', file }, signal)
  return { failure, damaged: failure !== null && isDamage(failure), folder: backupFolder(file), backups }
}

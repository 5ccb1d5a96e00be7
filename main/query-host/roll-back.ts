import { isInterrupt, type Connection } from './database-failure.ts'

/**
 * Rolls back the transaction that is open, if one is: SQLite has done so already where a constraint or a trigger says so.
 * An interrupt, which is repeated until it has been heard, may hit this too; it must not keep the transaction open.
 */
export function rollBack(connection: Connection): void {
  while (connection.inTransaction) {
    try {
      connection.exec('ROLLBACK')
    } catch (error) {
      if (!isInterrupt(error)) throw error
    }
  }
}

import type { ColumnInfo } from '#contract/run.ts'
import { RequestFailed } from '#kit/request-failed.ts'
import { openResult } from './open-result.ts'

/** What of a result is on disk. */
export interface KeptResult {
  readonly columns: ColumnInfo[]
  readonly rows: number
  readonly bytes: number
  /** Its statement had ended by itself. */
  readonly ended: boolean
}

/** Looks at what of a result can be read. @returns undefined when there is nothing, or its beginning is damaged. */
export async function measureResult(path: string): Promise<KeptResult | undefined> {
  try {
    const result = await openResult(path)
    if (!result) return undefined
    try {
      await result.refresh()
      const { columns, rows, bytes, ended } = result
      return { columns: [...columns], rows, bytes, ended }
    } finally {
      await result.close()
    }
  } catch (error) {
    if (error instanceof RequestFailed) return undefined
    throw error
  }
}

import type { RunId } from '#contract/run.ts'
import type { FanSource } from '#contract/template/fan-out.ts'

/** Of what a run is made each, as its form has it. */
export interface FanDraft {
  readonly kind: 'once' | FanSource['kind']
  /** One value on each line. */
  readonly text: string
  readonly path: string
  /** The query that has the rows; null while none is chosen. */
  readonly run: RunId | null
  /** The parameter that a line is. */
  readonly name: string
  readonly stopOnFailure: boolean
}

export const FIRST_FAN: FanDraft = {
  ...{ kind: 'once', text: '', path: '', run: null, name: '', stopOnFailure: false },
}

/** What one of many is called in a command that has no parameters of its own. */
export const ITEM_NAME = 'line'

/** What a draft describes; undefined while it lacks something, or asks for one run. */
export function sourceOf({ kind, text, path, run, name }: FanDraft): FanSource | undefined {
  switch (kind) {
    case 'once':
      return undefined
    case 'values': {
      const values = text.split('\n').filter((each) => each !== '')
      return values.length > 0 && name !== '' ? { kind, name, values } : undefined
    }
    case 'lines':
      return path.trim() !== '' && name !== '' ? { kind, name, path: path.trim() } : undefined
    case 'result':
      return run === null ? undefined : { kind, run }
    default:
      return kind satisfies never
  }
}

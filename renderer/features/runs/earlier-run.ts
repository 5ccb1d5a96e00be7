import type { CommandRun, RunId } from '#contract/run.ts'
import { askService } from '../../ipc/ask.ts'

/** Long texts are looked for by their beginning. */
const MOST_SOUGHT = 200
/** Runs with the same words in them that are looked at. */
const MOST_LOOKED_AT = 50

/** The run before this one that ran the same; undefined when there is none among the latest. @throws RequestFailed */
export async function earlierRun({ id, spec }: CommandRun): Promise<RunId | undefined> {
  const { command } = spec
  const text = (command.kind === 'shell' ? command.line : command.program).slice(0, MOST_SOUGHT)
  const order = { by: 'id', descending: true } as const
  const { ids: found } = await askService('runs.find', { filter: { kind: 'command', text }, order })
  const ids = Array.from(new Float64Array(found.slice().buffer)).filter((each) => each < id)
  for (const each of ids.slice(0, MOST_LOOKED_AT)) {
    const earlier = await askService('run.get', { id: each })
    const hasRun = 'startedAt' in earlier.state && earlier.state.startedAt !== undefined
    if (earlier.kind === 'command' && hasRun && isSame(earlier.spec.command, command)) return each
  }
  return undefined
}

const isSame = (one: CommandRun['spec']['command'], other: CommandRun['spec']['command']): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

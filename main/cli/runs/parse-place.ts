import type { ServiceContract } from '#contract/service.ts'
import type { ParamsOf } from '#contract/channel.ts'
import { parseDuration } from '../parse-duration.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { optional, parseWaiting, waitingHelp, waitingOptions, type OptionValues } from './parse-waiting.ts'

type Place = Pick<ParamsOf<ServiceContract, 'query.run'>, 'terms' | 'whenFull' | 'roomWaitMs'>

/** The options that say what is done while a pool has no room. */
export const roomOptions = {
  'when-full': { type: 'string' },
  'room-within': { type: 'string' },
} as const

export const roomHelp = `  --when-full <how>          wait (as it is unless given) or refuse, when the pool has no room for another run
  --room-within <duration>   how long to wait for room`

/** The options of a query, export or import that is to stand in a pool. */
export const placeOptions = { ...waitingOptions, ...roomOptions, verbose: { type: 'boolean' } } as const

export const placeHelp = `With one of these it waits for its turn in a pool, and says why on a terminal:

${waitingHelp}
${roomHelp}
  --verbose                  say why it waits also where no terminal is`

/** Reads the options about room. @throws WrongUsage */
export function parseRoom(values: OptionValues<typeof roomOptions>): {
  readonly whenFull: Place['whenFull']
  readonly roomWaitMs: Place['roomWaitMs']
} {
  return {
    whenFull: optional(values['when-full'], parseWhenFull),
    roomWaitMs: optional(values['room-within'], parseDuration),
  }
}

/** Reads where a query, export or import is to stand: in no pool when nothing of that is said. @throws WrongUsage */
export function parsePlace(values: OptionValues<typeof placeOptions>): Place {
  const terms = parseWaiting(values)
  const room = parseRoom(values)
  const isAsked = [...Object.values(terms), ...Object.values(room)].some((value) => value !== undefined)
  return isAsked ? { terms, ...room } : {}
}

function parseWhenFull(word: string): 'wait' | 'refuse' {
  if (word === 'wait' || word === 'refuse') return word
  throw new WrongUsage(`"${word}" is neither wait nor refuse`)
}

import { availableParallelism } from 'node:os'
import type { Pool } from '#contract/terms.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import { asking } from '../asking.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseDuration } from '../parse-duration.ts'
import { parseWords } from '../parse-words.ts'
import { plainTable } from '../rows/plain-table.ts'
import { parseCount, parseInteger } from '../runs/parse-number.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop pool [list]
offloop pool add <name> [--concurrency <n>] [--capacity <n>]
offloop pool set <name> [--concurrency <n>] [--capacity <n>]
offloop pool pause | resume | close | open | terminate <name>
offloop pool join <name> [--timeout <duration>]

Shows and changes pools. "close" takes no more runs and starts those that wait; "join" waits until a closed pool is
empty; "terminate" closes it and cancels what it has.

  --concurrency <n>      how many run at once, or "unlimited"; as many as there are processors unless it is given
  --capacity <n>         how many may wait, 0 for no limit, as it is unless given
  --timeout <duration>   how long to join at most; exit status 124
  --json                 each pool as an object on a line`

const changes = ['pause', 'resume', 'close', 'open', 'terminate'] as const
type Values = { readonly concurrency?: string | undefined; readonly capacity?: string | undefined }

/** `offloop pool` */
export const pool: Command = { about: 'show and change pools', help, run }

async function run(context: CommandContext): Promise<number> {
  const { words, output } = context
  const { values, positionals } = parseWords(words, {
    concurrency: { type: 'string' },
    capacity: { type: 'string' },
    timeout: { type: 'string' },
    json: { type: 'boolean' },
  })
  const [verb = 'list', name, ...rest] = positionals
  if (rest.length > 0) throw new WrongUsage(`"${rest.join(' ')}" is too much`)
  const timeoutMs = values.timeout === undefined ? undefined : parseDuration(values.timeout)
  const pools = await asking(context, (client) => ask(client, verb, name, values, timeoutMs, context))
  if (!pools) return EXIT.timedOut
  if (values.json) for (const one of pools) await output.write(`${JSON.stringify(one)}\n`)
  else
    await output.write(
      plainTable(['pool', 'at once', 'capacity', 'running', 'queued', 'state'], pools.map(row)),
    )
  await output.end()
  return EXIT.done
}

/** @returns the pools to show; undefined when the time was up. */
async function ask(
  client: Client<ServiceContract>,
  verb: string,
  name: string | undefined,
  values: Values,
  timeoutMs: number | undefined,
  { say, signal }: CommandContext,
): Promise<Pool[] | undefined> {
  if (verb === 'list') return (await client.call('pools.list', {}, { signal })).pools
  if (name === undefined) throw new WrongUsage(`Name a pool: offloop pool ${verb} <name>`)
  const change = changes.find((one) => one === verb)
  if (change) return [await client.call('pool.change', { name, how: change }, { signal })]
  switch (verb) {
    case 'add': {
      const concurrency = concurrencyOf(values) ?? availableParallelism()
      const capacity = values.capacity === undefined ? 0 : parseCount(values.capacity)
      const limits = { concurrency: values.concurrency === 'unlimited' ? null : concurrency, capacity }
      return [await client.call('pool.add', { name, ...limits }, { signal })]
    }
    case 'set': {
      const limits = {
        concurrency: concurrencyOf(values),
        capacity: values.capacity === undefined ? undefined : parseCount(values.capacity),
      }
      return [await client.call('pool.set', { name, ...limits }, { signal })]
    }
    case 'join': {
      const leaving =
        timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      try {
        return [await client.call('pool.join', { name }, { signal: leaving })]
      } catch (error) {
        if (signal.aborted || !leaving.aborted) throw error
        say(`offloop: the pool "${name}" is not empty yet [deadline]`)
        return undefined
      }
    }
    default:
      throw new WrongUsage(`There is no "pool ${verb}"`)
  }
}

/** Undefined when it is not given, null for no limit. */
function concurrencyOf({ concurrency }: Values): number | null | undefined {
  if (concurrency === undefined) return undefined
  return concurrency === 'unlimited' ? null : parseInteger(concurrency)
}

function row({ name, concurrency, capacity, running, queued, paused, closed }: Pool): string[] {
  const flags = [paused ? 'paused' : '', closed ? 'closed' : ''].filter((word) => word !== '')
  return [
    name,
    concurrency === null ? 'unlimited' : String(concurrency),
    capacity === 0 ? 'unlimited' : String(capacity),
    String(running),
    String(queued),
    flags.join(', ') || 'open',
  ]
}

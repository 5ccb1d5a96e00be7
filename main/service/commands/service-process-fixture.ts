import { z } from 'zod'
import { commandSpec } from '#contract/run.ts'
import { openService } from './open-service-fixture.ts'

/**
 * A service process for a test to kill: runs the given commands, sends them what is to be sent, prints its runs as JSON once
 * all that is acknowledged, and stays.
 */
const [folder, ...given] = process.argv.slice(2)
if (!folder) throw new Error('The folder is missing.')
const wanted = z.object({ spec: commandSpec, send: z.string().optional() })
const service = await openService(folder, (message, cause) => console.error(message, cause))
const runs = await Promise.all(
  given.map(async (text) => {
    const { spec, send } = wanted.parse(JSON.parse(text))
    const run = await service.commands.run(spec)
    const bytes = new TextEncoder().encode(send)
    if (send) await service.scheduler.send(run.id, bytes, false, new AbortController().signal)
    return run
  }),
)
process.stdout.write(`${JSON.stringify(runs)}\n`)
setInterval(() => undefined, 60_000)

import { pipeRequest } from '#contract/pipe.ts'
import { openService } from '../commands/open-service-fixture.ts'
import { openTestBroker } from '../queries/broker-fixture.ts'

/** A service process for a test to kill: makes a pipe, prints it as JSON once all of its runs run, and stays. */
const [folder, request] = process.argv.slice(2)
if (!folder || !request) throw new Error('The folder and the pipe are missing.')
const { pipes, runs } = await openService(folder, (message, cause) => console.error(message, cause), {
  broker: openTestBroker().client,
})
const running = new Set<number>()
runs.watch(({ id, state }) => {
  if (state.kind === 'running') running.add(id)
})
const made = await pipes.make(pipeRequest.parse(JSON.parse(request)), new AbortController().signal)
while (!made.runs.every(({ id }) => running.has(id))) await new Promise((resolve) => setTimeout(resolve, 5))
process.stdout.write(`${JSON.stringify(made)}\n`)
setInterval(() => undefined, 60_000)

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import { servicePipes, type Pipe, type PipeEnd, type PipeRequest } from '#contract/pipe.ts'
import type { Run } from '#contract/run.ts'
import { connect } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import { serve } from '#kit/serve.ts'
import { openForTest } from '../commands/service-fixture.ts'
import { openTestBroker } from '../queries/broker-fixture.ts'

const PROCESS = fileURLToPath(new URL('./pipe-process-fixture.ts', import.meta.url))

/** A service with pipes over a folder; it is closed after the test. @param hosts whether queries and tables can be joined. */
export async function pipesForTest(folder: string, hosts: 'with-hosts' | 'commands' = 'commands') {
  const broker = hosts === 'with-hosts' ? openTestBroker() : undefined
  if (broker) onTestFinished(() => broker.close())
  const service = await openForTest(folder, broker ? { broker: broker.client } : {})
  const { port1, port2 } = new MessageChannel()
  const session = nodePort(port1)
  onTestFinished(() => session.close())
  serve(servicePipes, nodePort(port2), service.pipes.handlers)
  const client = connect(servicePipes, session, dialWithEnvelopes(session))
  return {
    ...service,
    broker,
    client,
    make: (request: PipeRequest) => client.call('pipe.run', request),
    /** Waits until the pipe and all of its runs are over. */
    async over({ pipes, runs }: { pipes: readonly Pipe[]; runs: readonly Run[] }) {
      return {
        runs: await Promise.all(runs.map(({ id }) => service.final(id))),
        pipes: await Promise.all(pipes.map(({ id }) => client.stream('pipe.watch', { id }).result)),
      }
    },
    /** What a run has written so far. */
    async log(run: Run | undefined): Promise<string> {
      const file = await open(service.attempt(run?.id ?? 0).output).catch(() => undefined)
      try {
        return (await file?.readFile('utf8')) ?? ''
      } finally {
        await file?.close()
      }
    },
  }
}

/** A service in a process of its own that makes a pipe, for a test to kill when all runs of it run. */
export async function pipeProcess(folder: string, request: PipeRequest) {
  const child = spawn(process.execPath, [PROCESS, folder, JSON.stringify(request)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const first = await createInterface(child.stdout)[Symbol.asyncIterator]().next()
  if (first.done) throw new Error('The service process ended before it had made its pipe.')
  return {
    made: JSON.parse(first.value) as { pipes: Pipe[]; runs: Run[] },
    /** Ends it as a crash does; resolves when it is gone. */
    async kill(): Promise<void> {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** A line for /bin/sh. */
export function sh(line: string): PipeEnd {
  return {
    kind: 'command',
    command: { kind: 'program', program: '/bin/sh', args: ['-c', line] },
    folder: '/',
    environment: {},
  }
}

import { writeFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { CommandSpec, Silence } from '#contract/run.ts'
import { shellLine } from './open-service-fixture.ts'
import { openForTest, serviceFolder } from './service-fixture.ts'

const never = new AbortController().signal
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

type Service = Awaited<ReturnType<typeof openForTest>>

/** Starts a command, and tells what its silences were, one after the other. */
async function start(service: Service, spec: CommandSpec) {
  const seen: (Silence | undefined)[] = []
  const waiting: (() => void)[] = []
  onTestFinished(
    service.runs.watch((run) => {
      if (run.kind !== 'command' || run.progress.silence?.since === seen.at(-1)?.since) return
      seen.push(run.progress.silence)
      for (const wake of waiting.splice(0)) wake()
    }),
  )
  const { id } = await service.commands.run(spec)
  return {
    id,
    async silence(number: number): Promise<Silence | undefined> {
      while (seen.length <= number) await new Promise<void>((resolve) => waiting.push(resolve))
      return seen[number]
    },
  }
}

test('a command that asks in a terminal is known to wait for input, until it is answered', async () => {
  const service = await openForTest(await serviceFolder())
  const line = `printf 'one\\n\\033[1mYour name: \\033[0m'; read -r x; echo "hello $x"; exec sleep 100`
  const { id, silence } = await start(service, {
    ...shellLine(line),
    terminal: { columns: 80, rows: 24 },
  })
  expect(await silence(0)).toMatchObject({ kind: 'asks', prompt: 'Your name:' })
  await service.scheduler.send(id, bytes('Ada\n'), false, never)
  expect(await silence(1)).toBeUndefined()
  await service.commands.stop(id)
})

test('so is one that asks through an open standard input, and not one that only has not ended its line', async () => {
  const service = await openForTest(await serviceFolder())
  const open = { standardInput: { kind: 'open' as const } }
  const asking = await start(service, { ...shellLine(`printf 'go on? '; read -r x; echo "$x"`), ...open })
  const { id } = await service.commands.run({ ...shellLine(`printf 'working: '; exec sleep 100`), ...open })
  expect(await asking.silence(0)).toMatchObject({ kind: 'asks', prompt: 'go on?' })
  const other = service.runs.present(id)
  expect(other?.kind === 'command' && other.progress.silence).toBeUndefined()
  await service.scheduler.send(asking.id, bytes('yes\n'), true, never)
  await service.final(asking.id)
  await service.commands.stop(id)
})

test('a command that writes nothing for longer than it may is told to be quiet, until it writes again', async () => {
  const service = await openForTest(await serviceFolder(), { quietAfterMs: 300 })
  const folder = await serviceFolder()
  const line = 'echo begun; while [ ! -e go ]; do sleep 0.02; done; echo again; exec sleep 100'
  const { id, silence } = await start(service, shellLine(line, folder))
  expect(await silence(0)).toMatchObject({ kind: 'quiet' })
  await writeFile(`${folder}/go`, '')
  expect(await silence(1)).toBeUndefined()
  expect(await silence(2)).toMatchObject({ kind: 'quiet' })
  await service.commands.stop(id)
})

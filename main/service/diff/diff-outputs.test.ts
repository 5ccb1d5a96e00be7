import { expect, onTestFinished, test } from 'vitest'
import type { Contract } from '#contract/channel.ts'
import type { DiffIgnore, OutputChange } from '#contract/output-diff.ts'
import { serviceContract } from '#contract/service.ts'
import { makeNodeChannel } from '#kit/channel-fixture.ts'
import { connect } from '#kit/client.ts'
import { dialWithPortPerRequest } from '#kit/dial.ts'
import { serve } from '#kit/serve.ts'
import { shellLine } from '../commands/open-service-fixture.ts'
import { openForTest, serviceFolder } from '../commands/service-fixture.ts'

const contract = { 'output.diff': serviceContract['output.diff'] } satisfies Contract
const NOTHING: DiffIgnore = { times: false, styles: false, trailingSpace: false }

/** A service with a run for each line, all of which have ended, and a window that compares over real message ports. */
async function comparing(...lines: readonly string[]) {
  const service = await openForTest(await serviceFolder())
  const [near, far] = makeNodeChannel()
  const serving = serve(contract, far, service.outputs.handlers)
  onTestFinished(() => serving.close())
  const client = connect(contract, near, dialWithPortPerRequest(near, makeNodeChannel))
  const runs = await Promise.all(lines.map((line) => service.commands.run(shellLine(line))))
  const ids = runs.map(({ id }) => id)
  const stream = (ignore: Partial<DiffIgnore> = {}, signal?: AbortSignal) => {
    const [before = 0, after = 0] = ids
    const params = { before, after, ignore: { ...NOTHING, ...ignore } }
    return client.stream('output.diff', params, signal ? { signal } : {})
  }
  async function diff(ignore?: Partial<DiffIgnore>) {
    await Promise.all(ids.map((id) => service.final(id)))
    const found: OutputChange[] = []
    const asked = stream(ignore)
    for await (const item of asked) found.push(...item.found)
    return { found, ...(await asked.result) }
  }
  return { service, ids, stream, diff }
}

test('two outputs differ where lines were changed, taken away and added, and nowhere else', async () => {
  const { diff } = await comparing(
    'seq 1 100000; printf end',
    'seq 1 100000 | sed -e 500s/5/x/ -e 70000d -e "99999a more"; echo end',
  )
  expect(await diff()).toEqual({
    found: [
      [499, 1, 499, 1],
      [69_999, 1, 69_999, 0],
      [99_999, 0, 99_998, 1],
    ],
    ...{ changes: 3, removed: 2, added: 2, beforeLines: 100_001, afterLines: 100_001 },
  })
})

test('times, colours, what was written over and white space at the end may be left out of it', async () => {
  const { diff } = await comparing(
    `printf '2026-03-01 09:30:01.25 made in 3.2 s\\n\\033[31mred\\033[0m\\n 50%%\\r100%%\\nend\\n'`,
    `printf '2027-12-31T10:00:59Z made in 950ms\\nred\\n100%%\\nend  \\n'`,
  )
  const changed = async (ignore: Partial<DiffIgnore>) =>
    (await diff(ignore)).found.flatMap(([from, count]) => Array.from({ length: count }, (_, at) => from + at))
  expect(await changed({})).toEqual([0, 1, 2, 3])
  expect(await changed({ styles: true })).toEqual([0, 3])
  expect(await changed({ styles: true, trailingSpace: true })).toEqual([0])
})

test('the times of a line are of no account when they are to be left out, and everything else in it is', async () => {
  const { diff } = await comparing(
    `printf '[09:30:01] took 3.2 s\\n[09:30:02] 7 files\\n'`,
    `printf '[10:00:59] took 950 ms\\n[09:30:02] 8 files\\n'`,
  )
  expect((await diff({ times: true })).found).toEqual([[1, 1, 1, 1]])
})

test('outputs of which nothing is the same are one change; one that is empty is no trouble', async () => {
  const different = await comparing('seq 1 300000', 'seq 300001 600000')
  expect((await different.diff()).found).toEqual([[0, 300_000, 0, 300_000]])
  const empty = await comparing('true', 'echo one')
  expect((await empty.diff()).found).toEqual([[0, 0, 0, 1]])
})

test('more comparisons at once than the machine can take are refused, and one that is left is over', async () => {
  const { service, ids, stream } = await comparing('seq 1 2000000', 'seq 2 2000001')
  await Promise.all(ids.map((id) => service.final(id)))
  const leaving = new AbortController()
  const results = [1, 2, 3].map(() => stream({}, leaving.signal).result)
  await expect(Promise.race(results)).rejects.toMatchObject({ code: 'queue-full' })
  leaving.abort()
  for (const { status } of await Promise.allSettled(results)) expect(status).toBe('rejected')
})

import { rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Contract } from '#contract/channel.ts'
import type { OutputHit, SearchQuery } from '#contract/output-search.ts'
import { MAX_LISTED_HITS } from '#contract/search-limits.ts'
import { serviceContract } from '#contract/service.ts'
import { makeNodeChannel } from '#kit/channel-fixture.ts'
import { connect } from '#kit/client.ts'
import { dialWithPortPerRequest } from '#kit/dial.ts'
import { serve } from '#kit/serve.ts'
import { shellLine } from '../commands/open-service-fixture.ts'
import { openForTest, serviceFolder } from '../commands/service-fixture.ts'

const contract = { 'output.search': serviceContract['output.search'] } satisfies Contract

/** A service, a command that runs on it, and a window that searches over real message ports. */
async function searching(line: string) {
  const folder = await serviceFolder()
  const service = await openForTest(folder)
  const [near, far] = makeNodeChannel()
  const serving = serve(contract, far, service.outputs.handlers)
  onTestFinished(() => serving.close())
  const client = connect(contract, near, dialWithPortPerRequest(near, makeNodeChannel))
  const { id } = await service.commands.run(shellLine(line, folder))
  const search = (text: string, regex = false, signal?: AbortSignal) => {
    const query: SearchQuery = { text, regex, matchCase: true }
    return client.stream('output.search', { id, query }, signal ? { signal } : {})
  }
  return { service, id, search, serving, folder: dirname(service.runsFolder) }
}

async function allHits(stream: ReturnType<Awaited<ReturnType<typeof searching>>['search']>) {
  const hits: OutputHit[] = []
  for await (const item of stream) hits.push(...item.hits)
  return { hits, ...(await stream.result) }
}

test('a finished output is searched to its end, its last line without a newline included', async () => {
  const { service, id, search } = await searching('seq 1 200000; printf "no 199999 at the end"')
  await service.final(id)
  const { hits, total } = await allHits(search('199999'))
  expect(total).toBe(2)
  expect(hits.map(({ line, at, preview }) => [line, at, preview])).toEqual([
    [199_998, 0, '199999'],
    [200_000, 3, 'no 199999 at the end'],
  ])
})

test('hits are told while the output grows, and the search ends when the output is complete', async () => {
  const { search, folder } = await searching(
    'for i in 1 2 3; do echo "step $i"; while [ ! -e seen-$i ]; do sleep 0.01; done; done',
  )
  const stream = search('step \\d', true)
  const seen: number[] = []
  for await (const { hits, total } of stream)
    for (const { line } of hits) {
      seen.push(line)
      expect(total).toBe(seen.length)
      writeFileSync(`${folder}/seen-${line + 1}`, '')
    }
  expect(seen).toEqual([0, 1, 2])
  expect(await stream.result).toEqual({ total: 3, searchedBytes: 21 })
})

test('so many hits are listed and no more; all are counted', async () => {
  const { service, id, search } = await searching('yes | head -n 300000')
  await service.final(id)
  const { hits, total } = await allHits(search('y'))
  expect(hits.length).toBe(MAX_LISTED_HITS)
  expect(hits.at(-1)?.line).toBe(MAX_LISTED_HITS - 1)
  expect(total).toBe(300_000)
})

test('a regular expression that would take for ever is stopped at once, and holds up nobody', async () => {
  const { service, id, search, serving } = await searching('printf "%0500d" 0; echo; echo other')
  await service.final(id)
  const leaving = new AbortController()
  const endless = search('(0+)+1', true, leaving.signal).result
  // The service's loop goes on: another search comes to its end meanwhile.
  expect((await allHits(search('other'))).total).toBe(1)
  leaving.abort()
  await expect(endless).rejects.toMatchObject({ code: 'cancelled' })
  await expect.poll(() => serving.openRequests).toBe(0)
})

test('what cannot be searched says why and what to do', async () => {
  const { service, id, search } = await searching('seq 1 1000')
  await service.final(id)
  await expect(search('(', true).result).rejects.toMatchObject({
    code: 'invalid-params',
    message: expect.stringMatching(/"\(" cannot be searched for.*Correct it/u) as string,
  })
  service.outputs.close()
  rmSync(service.attempt(id).output)
  await expect(search('1').result).rejects.toMatchObject({ code: 'not-found' })
})

test('more searches at once than the machine can take are refused', async () => {
  const { service, id, search } = await searching('sleep 100')
  const leaving = new AbortController()
  const searches = Array.from({ length: 9 }, () => search('x', false, leaving.signal).result)
  await expect(Promise.race(searches)).rejects.toMatchObject({ code: 'queue-full' })
  leaving.abort()
  const ended = await Promise.allSettled(searches)
  expect(ended.every(({ status }) => status === 'rejected')).toBe(true)
  await service.commands.stop(id)
})

import { MessageChannel } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { appContract } from '#contract/app.ts'
import { NO_WORK } from '#contract/desktop.ts'
import { connect } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import { serve } from '#kit/serve.ts'
import { makePageQuestions, type PageQuestions } from './page-questions.ts'

const { 'leaving.ask': ask, 'leaving.seen': seen, 'leaving.answer': answer } = appContract
const contract = { 'leaving.ask': ask, 'leaving.seen': seen, 'leaving.answer': answer }
const work = { ...NO_WORK, commands: 2, waiting: 3 }
/** Nothing that is awaited here takes so long. */
const LONG_MS = 60_000

/** A page that listens. */
async function openPage(questions: PageQuestions<object>, page: object) {
  const { port1, port2 } = new MessageChannel()
  serve(contract, nodePort(port1), questions.handlers(page))
  const near = nodePort(port2)
  const client = connect(contract, near, dialWithEnvelopes(near))
  const asked = client.stream('leaving.ask', {})
  asked.result.catch(() => undefined)
  // What comes after it on the same port has been heard after it.
  await client.call('leaving.seen', { question: 99 })
  return { client, items: asked[Symbol.asyncIterator](), close: () => port2.close() }
}

test('a page that asks is told what is alive, and its answer is the answer', async () => {
  const questions = makePageQuestions<object>(LONG_MS)
  const page = {}
  const { client, items, close } = await openPage(questions, page)
  const answered = questions.ask(page, work)
  expect((await items.next()).value).toEqual({ question: 0, commands: 2, others: 0, waiting: 3 })
  expect(await client.call('leaving.seen', { question: 0 })).toEqual({ wanted: true })
  await client.call('leaving.answer', { question: 0, choice: 'stop', remember: true })
  expect(await answered).toEqual({ choice: 'stop', remember: true })
  close()
})

test('a page that never came or does not say that it asks gives no answer, and is then not wanted', async () => {
  const questions = makePageQuestions<object>(1)
  expect(await questions.ask({}, work)).toBeUndefined()
  const silent = {}
  const { client, close } = await openPage(questions, silent)
  expect(await questions.ask(silent, work)).toBeUndefined()
  expect(await client.call('leaving.seen', { question: 0 })).toEqual({ wanted: false })
  close()
})

test('a page that hangs, or is lost, after it has begun to ask gives no answer', async () => {
  const questions = makePageQuestions<object>(LONG_MS)
  const page = {}
  const { items, close } = await openPage(questions, page)
  const hanging = questions.ask(page, work)
  await items.next()
  questions.giveUp(page)
  expect(await hanging).toBeUndefined()
  const losing = questions.ask(page, work)
  close()
  expect(await losing).toBeUndefined()
})

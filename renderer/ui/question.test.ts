import { expect, test } from 'vitest'
import { nextTick } from 'vue'
import { ask, openQuestion } from './question.ts'

const question = (title: string) => ({
  title,
  message: '',
  choices: [
    { id: 'go', label: 'Go', look: 'primary' as const },
    { id: 'stay', label: 'Stay', look: 'plain' as const },
  ],
})

test('questions are asked one after the other, and each gets its own answer', async () => {
  const first = ask(question('first'))
  const second = ask(question('second'))
  await nextTick()
  expect(openQuestion.value?.question.title).toBe('first')
  openQuestion.value?.answer('stay')
  expect(await first).toBe('stay')
  await nextTick()
  expect(openQuestion.value?.question.title).toBe('second')
  openQuestion.value?.answer('go')
  expect(await second).toBe('go')
  expect(openQuestion.value).toBeUndefined()
})

test('what is not a choice answers nothing', async () => {
  const asked = ask(question('third'))
  await nextTick()
  openQuestion.value?.answer('something else')
  expect(openQuestion.value?.question.title).toBe('third')
  openQuestion.value?.answer('go')
  await asked
})

import { afterEach, expect, test } from 'vitest'
import type { Notification } from '#contract/desktop.ts'
import { useLanguage } from '../messages.ts'
import { notificationWords } from './notification-words.ts'
import { tellNotification } from './tell-notifications.ts'

afterEach(() => useLanguage('en'))

const failed: Notification = {
  kind: 'failed',
  run: 4,
  text: '<b>make</b>',
  tookMs: 3_723_000,
  exitCode: 2,
}

test('a notification says what has happened, to what and after how long, in the language of the settings', () => {
  expect(notificationWords(failed)).toEqual({
    title: 'Failed',
    body: '<b>make</b>\nexit code 2 · after 1 h 2 min',
  })
  expect(notificationWords({ kind: 'batch', run: 1, done: 98, notDone: 2 }).body).toBe('98 done, 2 not')
  useLanguage('zh-CN')
  expect(notificationWords({ kind: 'quiet', run: 1, text: 'x', quietMs: 600_000 }).title).toBe(
    '10 分钟没有输出',
  )
})

test('a click on it shows the run', () => {
  const opened: unknown[] = []
  const clicks: (() => void)[] = []
  const show = (_words: unknown, onClick: () => void): void => void clicks.push(onClick)
  tellNotification(failed, show, (wanted) => opened.push(wanted))
  tellNotification({ kind: 'more', done: 1, notDone: 0, others: 0 }, show, (wanted) => opened.push(wanted))
  for (const click of clicks) click()
  expect(opened).toEqual([[{ kind: 'run', id: 4 }], []])
})

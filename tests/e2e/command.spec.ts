import { expect, test } from './offloop.ts'

test('each line of a command appears while it runs, and its exit code is told', async ({
  offloop: { page, line, runCommand },
}) => {
  await runCommand('for i in 1 2 3; do echo "line $i"; sleep 0.5; done; exit 7')
  await expect(line(0)).toContainText('line 1')
  await expect(page.getByTestId('run-state')).toContainText('Running')
  await expect(line(2)).toContainText('line 3')
  await expect(page.getByTestId('run-state')).toContainText('exit code 7')
})

test('a command that floods a gigabyte leaves typing alone, and stops when it is asked to', async ({
  offloop,
}) => {
  const { page, log, runCommand } = offloop
  await runCommand(`yes 'as fast as it goes' | head -c 1073741824; sleep 60`)
  await expect(log.locator('[data-line]:not([hidden])').first()).toContainText('as fast as it goes')
  await offloop.show('databases')
  await page.getByTestId('new-query').first().click()
  const editor = page.getByTestId('editor').getByRole('textbox')
  await editor.click()
  await page.keyboard.type('SELECT 1 -- typed while the flood goes on', { delay: 20 })
  await expect(editor).toContainText('SELECT 1 -- typed while the flood goes on')

  await offloop.show('runs')
  await page.getByTestId('live-run').first().click()
  await expect(page.getByTestId('run-state')).toContainText('Running')
  await page.getByTestId('stop-run').click()
  await expect(page.getByTestId('run-state')).toContainText(/^Stopped after/)
})

test('colours of the output are drawn, and what looks like HTML stays text', async ({
  offloop: { log, line, runCommand },
}) => {
  await runCommand(
    `printf '\\033[31mred\\033[0m <img src=x onerror=alert(1)>\\nprogress 1%%\\rprogress 99%%\\n'`,
  )
  await expect(line(0)).toContainText('red <img src=x onerror=alert(1)>')
  await expect(log.locator('img')).toHaveCount(0)
  await expect(line(1)).toContainText('progress 99%')
  await expect(line(1)).not.toContainText('1%')
})

test('a command reads what is sent to it, and in a terminal what is typed, but never what its own output asks for', async ({
  offloop: { page, line, show },
}) => {
  const form = async (): Promise<void> => {
    await show('runs')
    await page.getByTestId('new-command').first().click()
  }
  await form()
  await page.getByTestId('command-line').fill('while read -r x; do echo "$WORD $x"; done; echo over')
  await page.getByTestId('environment').locator('summary').click()
  await page.getByTestId('variable-new-name').fill('a word=')
  await page.getByTestId('variable-add').click()
  await expect(page.getByRole('alert')).toContainText('no =')
  await page.getByTestId('variable-new-name').fill('WORD=got')
  await page.keyboard.press('Enter')
  await page.getByTestId('variable-new-name').fill('API_TOKEN=hunter2')
  await page.keyboard.press('Enter')
  await page.getByTestId('environment-search').fill('home')
  await page.locator('[data-variable="HOME"]').getByTestId('variable-remove').click()
  await expect(page.getByTestId('environment-count')).toHaveText('3 changes')
  await page.getByTestId('command-input-open').check({ force: true })
  await page.getByTestId('when-and-where').locator('summary').click()
  await page.getByTestId('terms-start').selectOption('held')
  await page.getByTestId('start-command').click()
  // Until it starts, its environment can be changed as in the form.
  await page.getByTestId('edit-terms').click()
  await page.getByTestId('environment').locator('summary').click()
  await page.getByTestId('environment-only-changes').check()
  await page.locator('[data-variable="WORD"]').getByTestId('variable-value').fill('has')
  await page.getByTestId('save-terms').click()
  await expect(page.getByTestId('run-environment')).toHaveText('API_TOKEN=••••••HOME removedWORD=has')
  await page.getByTestId('hold-run').click()
  await page.getByTestId('send-line').fill('a line')
  await page.keyboard.press('Enter')
  await expect(line(0)).toContainText('has a line')
  await page.getByTestId('close-input').click()
  await expect(line(1)).toContainText('over')

  // Asks for attributes, status, a colour, a mode and a setting, and then counts the bytes that came without Enter.
  const ask = `printf '\\033[c\\033[>c\\033[6n\\033[?6n\\033]11;?\\007\\033[?2026$p\\033P$qm\\033\\\\'`
  await form()
  await page
    .getByTestId('command-line')
    .fill(
      `stty -icanon -echo min 0 time 10; ${ask}; echo "answers: $(head -c 1 | wc -c)"; stty sane; read x; printf '\\033]52;c;aGlkZGVu\\007'; echo "typed $x"`,
    )
  await page.getByTestId('command-terminal').check()
  await page.getByTestId('start-command').click()
  const terminal = page.getByTestId('terminal')
  await expect(terminal).toContainText('answers: 0', { timeout: 20_000 })
  await terminal.locator('textarea').focus()
  await page.keyboard.type('hello')
  await page.keyboard.press('Enter')
  await expect(terminal).toContainText('typed hello')
  // Its output may fill the clipboard only with consent.
  await page.getByRole('button', { name: 'Ignore' }).click()
  await expect(page.getByTestId('run-state').filter({ visible: true })).toContainText('exit code 0')
})

test('a pipe between a query, a command and a table shows how full it is and who waits', async ({
  offloop: { page, show, log },
}) => {
  const form = async (line: string): Promise<void> => {
    await show('runs')
    await page.getByTestId('new-command').first().click()
    await page.getByTestId('command-line').fill(line)
    await page.getByTestId('pipe-before-query').locator('..').click()
    await page.getByTestId('pipe-query-database').selectOption({ index: 0 })
  }
  const sentence = page.getByTestId('pipe-sentence').visible()
  const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n'
  await form('head -n 1; exec sleep 100')
  await page.getByTestId('start-command').click()
  await expect(page.getByRole('alert')).toContainText('write a statement')
  await page.getByTestId('pipe-query-sql').fill(numbers)
  // What a pipe cannot be asked is refused, and not left out.
  await page.getByTestId('when-and-where').locator('summary').click()
  await page.getByTestId('terms-start').selectOption('held')
  await page.getByTestId('start-command').click()
  await expect(page.getByRole('alert').last()).toContainText('A query starts at once')
  await page.getByTestId('terms-start').selectOption('now')
  await page.getByTestId('start-command').click()
  await expect(sentence).toContainText('waits for room')
  await expect(log).toContainText('i')
  await page.getByTestId('pipe-other').visible().click()
  await expect(page.getByTestId('transfer-state').visible()).toContainText('Running')
  await page.getByTestId('stop-transfer').visible().click()
  await expect(sentence).toContainText('before it had')

  await form('grep -v 3')
  await page.getByTestId('pipe-query-sql').fill(`${numbers} LIMIT 1000`)
  await page.getByTestId('pipe-after-table').locator('..').click()
  await page.getByTestId('pipe-table-database').selectOption({ index: 0 })
  await page.getByTestId('pipe-table').fill('without_threes')
  await page.getByTestId('start-command').click()
  await expect(sentence).toHaveText(['Everything was handed on', 'Everything was handed on'])
  await page.getByTestId('pipe-other').visible().last().click()
  await expect(page.getByTestId('transfer-state').visible()).toContainText('729 rows')
})

import { join } from 'node:path'
import { expectAccessible } from './accessible.ts'
import { expect, test } from './offloop.ts'

// What looks for faults of accessibility takes longer than a frame.
test.use({ watchesFrames: false })

test('a command is kept as a template that asks for its values, and each stays what it is', async ({
  offloop: { app, page, profile, show, line, runSql },
}) => {
  await show('runs')
  await page.getByTestId('new-command').first().click()
  await page.getByTestId('command-kind-program').check({ force: true })
  await page.getByTestId('command-program').fill('printf')
  await page.getByTestId('command-args').fill('<%s>\n{name}\n{size}')
  await page.getByTestId('parameters-editor').locator('summary').click()
  await page.getByTestId('add-parameter').click()
  await page.getByTestId('add-parameter').click()
  const parameters = page.getByTestId('parameter')
  await parameters.first().getByTestId('parameter-name').fill('name')
  await parameters.first().getByTestId('parameter-about').fill('Who is greeted')
  await parameters.last().getByTestId('parameter-name').fill('Size')
  await expect(page.getByRole('alert')).toContainText('small letter')
  await parameters.last().getByTestId('parameter-name').fill('size')
  await parameters.last().getByTestId('parameter-type').selectOption('number')
  await parameters.last().getByTestId('parameter-required').uncheck()
  await parameters.last().getByTestId('parameter-default').fill('12')
  await expectAccessible(page, 'template')
  await page.getByTestId('save-as-template').click()
  await page.getByTestId('template-name').fill('Greet')
  await page.getByTestId('template-save').click()

  const value = (name: string) => page.locator(`[data-parameter="${name}"]`).getByTestId('value')
  await page.getByTestId('start-template').click()
  await expect(page.getByRole('alert')).toHaveText('Give a value for name.')
  await value('name').fill(`it's "$(id)" {size}`)
  await expect(page.getByTestId('template-preview')).toContainText('12')
  await expectAccessible(page, 'template')
  await page.getByTestId('start-template').click()
  await expect(line(0)).toContainText(`<it's "$(id)" {size}><12>`)
  await expect(page.getByTestId('made-from')).toContainText('From the template “Greet”')

  // It waits where it is asked to, with the values it has.
  await page.getByTestId('use-template').click()
  await page.getByTestId('when-and-where').visible().locator('summary').click()
  await page.getByTestId('terms-start').visible().selectOption('held')
  await page.getByTestId('start-template').click()
  await expect(page.getByTestId('why-waiting').visible()).toContainText('Held until you let it go')
  await page.getByTestId('hold-run').click()
  await expect(line(0)).toContainText(`<it's "$(id)" {size}><12>`)

  // Once for each of several values, which are shown before.
  await page.getByTestId('use-template').click()
  await page.getByTestId('terms-start').visible().selectOption('now')
  await page.getByTestId('fan-kind-values').check({ force: true })
  await page.getByTestId('fan-values').fill(`it's\n$(id)\n*`)
  await value('size').fill('x')
  await expect(page.getByRole('alert')).toContainText('Value 1: "size" is to be a number')
  await value('size').fill('7')
  await expect(page.getByTestId('fan-total')).toHaveText('3 runs in all')
  await expect(page.getByTestId('fan-preview')).toContainText(`'$(id)' 7`)
  await expectAccessible(page, 'fan-out')
  await page.getByTestId('start-template').click()
  await expect(page.getByTestId('runs-row').and(page.locator('[data-state="done"]'))).toHaveCount(5)

  // Changed, duplicated and deleted from the side bar.
  await page.getByTestId('edit-template').click()
  await expect(page.getByTestId('command-args').visible()).toHaveValue('<%s>\n{name}\n{size}')
  await page.getByTestId('save-as-template').visible().click()
  await page.getByTestId('template-name').fill('Greet all')
  await page.getByTestId('template-save').click()
  await page.getByTestId('duplicate-template').click()
  await expect(page.getByTestId('template')).toHaveCount(2)
  await page.getByTestId('delete-template').last().click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(page.getByTestId('template')).toHaveCount(1)
  await expect(page.getByTestId('template')).toContainText('Greet all')

  // Written to a file, and taken from it under a name that is free.
  const file = join(profile, 'greet.json')
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
  }, file)
  await page.getByTestId('use-template').click()
  await page.getByTestId('export-template').visible().click()
  await expect(page.getByText('The template was written to')).toBeVisible()
  await page.getByTestId('template-file').setInputFiles(file)
  await expect(page.getByTestId('template').last()).toContainText('Greet all 2')
  await page.getByTestId('template-file').setInputFiles({
    ...{ name: 'notes.json', mimeType: 'application/json', buffer: Buffer.from('{}') },
  })
  await expect(page.getByText('“notes.json” has no templates')).toBeVisible()

  // Any command runs once for each row of a result, without a template; the query is not run again.
  await show('databases')
  await page.getByTestId('new-query').first().click()
  await runSql(`SELECT 'it''s $(id)' AS "Full name", 7 AS n UNION ALL SELECT '"*"', 8 ORDER BY n`)
  await page.getByTestId('run-for-each').visible().click()
  await expect(page.getByTestId('fan-rows').visible()).toHaveText('2 rows')
  await page.getByTestId('command-line').visible().fill('printf "<%s>"')
  await page.getByTestId('fan-name').visible().first().click()
  await expect(page.getByTestId('command-line').visible()).toHaveValue('printf "<%s>" "$full_name"')
  await expect(page.getByTestId('fan-total').visible()).toHaveText('2 runs in all')
  await expect(page.getByTestId('fan-preview').visible()).toContainText(`full_name='it'\\''s $(id)' printf`)
  await expectAccessible(page, 'fan-out of a command')
  await page.getByTestId('start-command').visible().click()
  const added = page.getByTestId('runs-row').and(page.locator('[data-state="done"]'))
  await expect(added.filter({ hasText: '$full_name' })).toHaveCount(2)
  await added.filter({ hasText: '$full_name' }).last().dblclick()
  await expect(line(0)).toContainText(`<it's $(id)>`)
})

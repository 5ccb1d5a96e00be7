import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expectAccessible } from './accessible.ts'
import { expect, test } from './offloop.ts'

// axe looks at every element in one go, which takes it longer than a frame.
test.use({ watchesFrames: false })

test('a damaged database of Offloop itself is told with the ways out, and a backup takes its place', async ({
  offloop,
}) => {
  const { profile } = offloop
  const file = join(profile, 'offloop.db')
  await offloop.runCommand('echo before the backup')
  await expect(offloop.page.getByTestId('run-state').filter({ visible: true })).toContainText('exit code 0')
  await offloop.quit()
  // As it was when Offloop had ended, everything is in the file itself.
  const backup = join(profile, 'backups', '99999-20261124T080000Z.db')
  await mkdir(dirname(backup), { recursive: true })
  await writeFile(backup, await readFile(file))
  await writeFile(join(profile, 'backups', '99998-20261123T080000Z.db'), 'no database')
  await writeFile(file, (await readFile(file)).fill(0xa5, 0, 500))

  await offloop.start()
  const { page } = offloop
  const dialog = page.getByTestId('recovery')
  await expect(dialog).toContainText('is damaged')
  const ways = page.getByTestId('recovery-way')
  await expect(ways.nth(0)).toBeChecked()
  await expect(ways.nth(1)).toBeDisabled()
  await expect(dialog).toContainText('cannot be read')
  await expectAccessible(page, 'recovery')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeVisible()
  await page.getByTestId('recovery-replace').click()
  await expect(page.getByTestId('question')).toContainText('offloop.db.damaged-')
  await page.getByTestId('choose-ok').click()
  await expect(dialog).toBeHidden()
  await offloop.show('history')
  await expect(page.getByTestId('history-row').first()).toContainText('before the backup')
  expect((await readdir(profile)).some((name) => name.startsWith('offloop.db.damaged-'))).toBe(true)
})

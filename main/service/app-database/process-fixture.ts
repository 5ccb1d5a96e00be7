import { openAppDatabase } from './client.ts'
import { MIGRATIONS, WORKER } from './locations-fixture.ts'

/** A process for a test to kill: it adds settings without end and prints each name once that is acknowledged. */
const [file] = process.argv.slice(2)
if (!file) throw new Error('The path of the app database is missing.')
const database = await openAppDatabase({ worker: WORKER, file, migrations: MIGRATIONS })
for (let count = 0; ; count++) {
  await database.ask('setting.write', { settings: [{ key: `key-${count}`, value: '1' }] })
  process.stdout.write(`key-${count}\n`)
}

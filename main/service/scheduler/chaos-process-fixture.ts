import { openService, shellLine } from '../commands/open-service-fixture.ts'

/**
 * A service for a test to kill: adds runs without end to a pool of four, and prints the id and the name of each once it is
 * acknowledged.
 */
const [folder, prefix] = process.argv.slice(2)
if (!folder || !prefix) throw new Error('The folder or the prefix is missing.')
const { scheduler } = await openService(folder, (message, cause) => console.error(message, cause))
if (!scheduler.pools.list().some(({ name }) => name === 'p'))
  await scheduler.pools.add('p', { concurrency: 4, capacity: 0 })

for (let count = 0; ; count++) {
  const name = `${prefix}-${count}`
  const line = `echo begun >> ${folder}/begun-${name}; sleep 0.0${count % 10}; echo ${name}; exit ${count % 5}`
  const { id } = await scheduler.run({ spec: shellLine(line), terms: { pool: 'p' } })
  process.stdout.write(`${id} ${name}\n`)
}

import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openService, shellLine } from '../../commands/open-service-fixture.ts'
import { failureOf } from '#kit/request-failed.ts'

/** A service on a disk of its own, which is filled and emptied again; prints what became of each command. */
const [folder = ''] = process.argv.slice(2)
/** More than the disk has. */
const FILLING_BYTES = 64 * 1024 * 1024

const service = await openService(folder, () => undefined)

async function begin(): Promise<string> {
  try {
    await service.commands.run(shellLine('true'))
    return 'begun'
  } catch (error) {
    return failureOf(error).code
  }
}

const before = await begin()
const filling = join(folder, 'filling')
await writeFile(filling, Buffer.alloc(FILLING_BYTES)).catch(() => undefined)
const full = await begin()
const { runs: known } = await service.runs.list({ limit: 10 })
await rm(filling)
const after = await begin()
console.log(JSON.stringify({ before, full, after, known: known.length }))
await service.close()

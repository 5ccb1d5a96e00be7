import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readLaunch } from './reach/launch.ts'
import { runOffloop } from './run-offloop.ts'

/** The command line of a checkout, run by a plain Node; `bin/offloop` has prepared what it needs. */
const out = join(dirname(fileURLToPath(import.meta.url)), '..')
const status = await runOffloop(process.argv.slice(2), await readLaunch(out))
process.exit(status)

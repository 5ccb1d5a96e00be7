import { openService, shellLine } from './open-service-fixture.ts'

/** A service process for a test to kill: runs the given lines, prints its runs as JSON once they are acknowledged, and stays. */
const [folder, ...lines] = process.argv.slice(2)
if (!folder) throw new Error('The folder is missing.')
const service = await openService(folder, (message, cause) => console.error(message, cause))
const runs = await Promise.all(lines.map((line) => service.commands.run(shellLine(line))))
process.stdout.write(`${JSON.stringify(runs)}\n`)
setInterval(() => undefined, 60_000)

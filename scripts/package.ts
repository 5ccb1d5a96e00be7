import { relative } from 'node:path'
import { ensureBuilt } from './build/build-app.ts'
import { describeFuses, readFuses } from './packaging/fuse-state.ts'
import { findPackageSource } from './packaging/find-package-source.ts'
import { makeFormat } from './packaging/make-format.ts'
import { packFolder } from './packaging/pack.ts'
import { readPackageRequest } from './packaging/package-request.ts'
import { SetupFailure } from './runtime/setup-failure.ts'
import { runTask } from './task/run-task.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2

/** `npm run package`: makes packages of Offloop for this platform in `dist/`. See docs/packaging.md. */
await runTask(async ({ root, taskArguments, signal, say }) => {
  const request = readPackageRequest(taskArguments, process.platform)
  if (request.kind === 'refused') {
    say(request.message)
    return EXIT_USAGE
  }
  const source = await findPackageSource(root, request.purpose, signal, say)
  const code = await ensureBuilt(root, signal)
  if (code !== 0) return code
  const packed = await packFolder(root, source, signal)

  const fuses = describeFuses(await readFuses(packed), { mayLack: source.purpose === 'test' })
  say(`The fuses in ${packed.program}, read back:\n${fuses.lines.join('\n')}`)
  if (!fuses.areAsWanted) {
    say('Some are not as electron-builder.yml wants them, so this package must not be used.')
    return EXIT_FAILED
  }
  say(`\nMade ${relative(root, packed.folder)}, which can be run where it lies: ${packed.program}`)

  let exitCode = 0
  for (const format of request.formats) {
    try {
      const file = await makeFormat(root, source, packed, format, signal)
      say(`Made ${relative(root, file)}`)
    } catch (error) {
      if (!(error instanceof SetupFailure)) throw error
      say(`${error.message}\nThe folder above was made all the same.`)
      // What nobody asked for by name may be missing.
      if (request.named) exitCode = EXIT_FAILED
    }
  }
  if (source.purpose === 'test') say('This is a test package: do not hand it on.')
  return exitCode
})

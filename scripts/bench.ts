import { ensureBuilt } from './build/build-app.ts'
import { launchEnvironment } from './runtime/electron-launch.ts'
import { prepareElectron } from './runtime/prepare-electron.ts'
import { openDisplay } from './runtime/virtual-display.ts'
import { runTask } from './task/run-task.ts'
import { runVisibly } from './process/run-visibly.ts'

/** `npm run bench`: runs the benchmarks on the built app. Arguments go to bench/run.ts. */
await runTask(async ({ root, taskArguments, signal, say }) => {
  const launch = await prepareElectron({ root, needsFonts: false, signal, say })
  const code = await ensureBuilt(root, signal)
  if (code !== 0) return code
  const display = await openDisplay(process.env, process.platform)
  try {
    return await runVisibly('node', ['bench/run.ts', ...taskArguments], {
      cwd: root,
      signal,
      env: { ...launchEnvironment(launch), ...display.env },
    })
  } finally {
    await display.close()
  }
})

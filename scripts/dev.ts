import { forgetBuild } from './build/build-app.ts'
import { prepareElectron } from './runtime/prepare-electron.ts'
import { openDisplay } from './runtime/virtual-display.ts'
import { runTask } from './task/run-task.ts'
import { runVisibly } from './process/run-visibly.ts'

/** `npm run dev`: opens Offloop from its sources; a saved change shows at once in the page, and restarts the rest. */
await runTask(async ({ root, taskArguments, signal, say }) => {
  const launch = await prepareElectron({ root, needsFonts: false, signal, say })
  await forgetBuild(root)
  const display = await openDisplay(process.env, process.platform)
  try {
    return await runVisibly('electron-vite', ['dev', '--watch', ...taskArguments, '--', ...launch.args], {
      cwd: root,
      signal,
      env: { ...launch.env, ...display.env, ELECTRON_EXEC_PATH: launch.executable },
    })
  } finally {
    await display.close()
  }
})

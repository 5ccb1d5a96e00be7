import { ensureBuilt } from './build/build-app.ts'
import { prepareElectron } from './runtime/prepare-electron.ts'
import { runElectron } from './runtime/run-electron.ts'
import { runTask } from './task/run-task.ts'

/** `npm start`: builds Offloop if its sources have changed, and opens it. Arguments go to the app. */
await runTask(async ({ root, taskArguments, signal, say }) => {
  const launch = await prepareElectron({ root, needsFonts: false, signal, say })
  const code = await ensureBuilt(root, signal)
  if (code !== 0) return code
  return runElectron(launch, [root, ...taskArguments], { cwd: root, signal, say })
})

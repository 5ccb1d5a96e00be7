import { ensureBuilt } from './build/build-app.ts'
import { runVisibly } from './process/run-visibly.ts'
import { ElectronForSuites } from './suites/electron-for-suites.ts'
import { runTask } from './task/run-task.ts'

/** `npm run screens`: takes a picture of every screen into docs/screens/, in both themes and both languages. */
await runTask(async ({ root, taskArguments, signal, say }) => {
  const built = await ensureBuilt(root, signal)
  if (built !== 0) return built
  const electron = new ElectronForSuites(root, signal, say)
  try {
    const words = ['test', '--project=screens', '--reporter=list', ...taskArguments]
    return await runVisibly('playwright', words, { cwd: root, signal, env: await electron.environment() })
  } finally {
    await electron.close()
  }
})

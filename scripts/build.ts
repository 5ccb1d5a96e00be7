import { buildApp } from './build/build-app.ts'
import { runTask } from './task/run-task.ts'

/** `npm run build`: bundles the app into `out/`. */
await runTask(({ root, signal }) => buildApp(root, signal))

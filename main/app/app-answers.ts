import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ProcessInfo } from '#contract/processes.ts'
import type { Places } from './places.ts'
import type { AppAnswers } from './query-hosts.ts'

/** Answers what the service asks about the app. @param rows Offloop's processes at the moment. @param quit without asking anybody. */
export function answerAboutApp(
  { profile }: Places,
  rows: () => readonly ProcessInfo[],
  quit: () => void,
): Pick<AppAnswers, 'app.describe' | 'app.quit'> {
  return {
    'app.describe': () => ({
      version: __VERSION__,
      electron: process.versions.electron,
      node: process.versions.node,
      profile,
      processes: [...rows()],
    }),
    'app.quit'() {
      // After the answer is on its way.
      void nextTurn().then(quit)
      return { pid: process.pid }
    },
  }
}

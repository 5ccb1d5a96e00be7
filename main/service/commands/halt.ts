import { processTree, type ProcessTreeOptions } from './process-tree.ts'

/** A process may have been made while the others were halted; nobody is left after so many looks but by ill will. */
const LOOKS = 5

/** Halts a command with all its descendants. @returns whether there was any. */
export async function haltCommand(options: ProcessTreeOptions): Promise<boolean> {
  const tree = processTree(options)
  const halted = new Set<number>()
  for (let look = 0; look < LOOKS; look++) {
    const survey = await tree.survey()
    const isNew = survey.members.some(({ pid }) => !halted.has(pid))
    if (!isNew) break
    tree.send('SIGSTOP', survey)
    for (const { pid } of survey.members) halted.add(pid)
  }
  return halted.size > 0
}

/** Lets a halted command go on. */
export async function continueCommand(options: ProcessTreeOptions): Promise<void> {
  const tree = processTree(options)
  tree.send('SIGCONT', await tree.survey())
}

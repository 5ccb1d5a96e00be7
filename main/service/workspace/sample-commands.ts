import { homedir } from 'node:os'
import type { SavedCommand } from '#contract/service.ts'

/** A line a second for ten minutes; a gigabyte as fast as it goes; and one that fails after a moment. */
const LINES: Readonly<Record<string, string>> = {
  ticker:
    'i=0; while [ $i -lt 600 ]; do i=$((i+1)); echo "line $i of 600 at $(date +%H:%M:%S)"; sleep 1; done',
  flood: "yes 'A gigabyte of this line: type, scroll and open menus meanwhile.' | head -c 1073741824",
  failing: 'echo "looking for the input file"; sleep 2; echo "error: input.csv is not here" >&2; exit 3',
}

/** The commands that a new workspace offers; their names are keys of the window's messages. */
export function sampleCommands(): SavedCommand[] {
  // They are written for a POSIX shell.
  if (process.platform === 'win32') return []
  return Object.entries(LINES).map(([name, line]) => ({
    name,
    spec: { kind: 'command', command: { kind: 'shell', line }, folder: homedir(), environment: {} },
  }))
}

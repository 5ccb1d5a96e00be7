import { app } from 'electron'

/** Given by the command line when it starts Offloop: no window is opened, and none is needed to stay. */
const BACKGROUND = '--background'

/** Whether a start with these arguments is for the command line alone. */
export function isForCommandLine(argv: readonly string[]): boolean {
  return argv.includes(BACKGROUND)
}

/**
 * Opens a window when a person starts Offloop while it runs already, or brings the one there is to the front. Another
 * start in the background asks for nothing: two command lines have started Offloop at the same moment.
 */
export function openOnSecondStart(show: () => void): void {
  app.on('second-instance', (_event, argv) => {
    if (!isForCommandLine(argv)) show()
  })
}

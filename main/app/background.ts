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
 * @param show gets what stood behind the program, and the folder in which it was started.
 */
export function openOnSecondStart(show: (words: readonly string[], folder: string) => void): void {
  app.on('second-instance', (_event, argv, folder) => {
    if (!isForCommandLine(argv)) show(argv.slice(1), folder)
  })
}

/** What a script can tell from how the command line ended. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** Wrong usage, as with most programs. */
  usage: 2,
  /** As timeout(1) of the GNU coreutils. */
  timedOut: 124,
  /** 128 and the number of SIGINT: sh(1). */
  interrupted: 130,
  /** 128 and the number of SIGTERM. */
  terminated: 143,
} as const

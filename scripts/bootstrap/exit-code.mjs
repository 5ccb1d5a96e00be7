import { constants } from 'node:os'

/** What a shell reports for a program that a signal ended: this plus the signal's number. */
const EXIT_BY_SIGNAL = 128

/**
 * Gives one number for how a program ended, as a shell does.
 *
 * @param {number | null} code the exit code, if it ended by itself
 * @param {NodeJS.Signals | null} signal what ended it otherwise
 * @returns {number}
 */
export function exitCode(code, signal) {
  if (code !== null) return code
  return EXIT_BY_SIGNAL + (signal === null ? 0 : constants.signals[signal])
}

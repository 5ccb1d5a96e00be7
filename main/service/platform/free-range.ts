import { execFile } from 'node:child_process'
import { systemCode } from './system-code.ts'

/** Longer than a file system takes to free a terabyte. Milliseconds. */
const FREE_LIMIT_MS = 60_000

/** What fallocate(1) says, in the language C, of a file system that cannot do it. */
const NOT_SUPPORTED = /not supported|Function not implemented/i

/**
 * Frees the blocks of a part of a file, which then reads as zeros, while others write to it: `fallocate --punch-hole`,
 * from util-linux, in a process of its own because a file system may take its time.
 * @returns false where the file system, or the system, cannot.
 */
export function freeRangeOfFile(path: string, from: number, length: number): Promise<boolean> {
  const args = ['--punch-hole', '--offset', String(from), '--length', String(length), path]
  const options = { env: { ...process.env, LC_ALL: 'C' }, timeout: FREE_LIMIT_MS }
  return new Promise((resolve, reject) => {
    execFile('fallocate', args, options, (error, _stdout, stderr) => {
      if (!error) resolve(true)
      else if (systemCode(error) === 'ENOENT' || NOT_SUPPORTED.test(stderr)) resolve(false)
      else reject(new Error(`fallocate did not free a part of "${path}": ${stderr.trim() || error.message}`))
    })
  })
}

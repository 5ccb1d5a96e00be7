import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** How to start Offloop. */
export const launch = z.object({
  /** Absolute path of the program. */
  executable: z.string().min(1),
  /** Before all others: switches that this machine needs, the app's folder. */
  args: z.array(z.string()),
  /** Added to the environment. */
  env: z.record(z.string(), z.string()),
})
export type Launch = z.infer<typeof launch>

/**
 * Reads what `bin/offloop` of a checkout has prepared.
 * @param folder `out/` of the checkout.
 * @throws Error when it is not there.
 */
export async function readLaunch(folder: string): Promise<Launch> {
  return launch.parse(JSON.parse(await readFile(join(folder, 'launch.json'), 'utf8')))
}

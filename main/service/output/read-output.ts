import { open } from 'node:fs/promises'
import type { ResultOf } from '#contract/channel.ts'
import type { ServiceContract } from '#contract/service.ts'
import { systemCode } from '../platform/system-code.ts'
import { errorPlaces } from './apart/error-places.ts'
import { readGap } from './gap/gap-file.ts'

/**
 * Reads the bytes of an output, as many as there are; none of one that was never begun. What was not kept is passed over.
 * @param files absolute paths of the output and of the record of what of it was not kept, and of where in it standard error
 * is, unless that is not wanted.
 */
export async function readOutput(
  files: { readonly output: string; readonly gap: string; readonly apart?: string | undefined },
  asked: number,
  count: number,
): Promise<Omit<ResultOf<ServiceContract, 'output.read'>, 'times'>> {
  for (;;) {
    const gap = await readGap(files.gap)
    const inGap = gap !== undefined && asked >= gap.from && asked < gap.to
    const from = inGap ? gap.to : asked
    const most = gap && from < gap.from ? Math.min(count, gap.from - from) : count
    const read = await readBytes(files.output, from, most)
    const after = await readGap(files.gap)
    // What was given up meanwhile would look like zeros that the command has written.
    if (after?.to !== gap?.to) continue
    const gone = inGap ? gap.to - gap.from : 0
    if (files.apart === undefined) return { ...read, from, gone, errors: [] }
    const { places, until } = await errorPlaces(files.apart, from, from + read.bytes.length)
    const errors = places.map((place): [number, number] => [place.from, place.to])
    return { ...read, bytes: read.bytes.slice(0, until - from), from, gone, errors }
  }
}

async function readBytes(
  path: string,
  from: number,
  count: number,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; size: number }> {
  try {
    const file = await open(path)
    try {
      const buffer = new Uint8Array(count)
      const { bytesRead } = await file.read(buffer, 0, count, from)
      return { bytes: buffer.slice(0, bytesRead), size: (await file.stat()).size }
    } finally {
      await file.close()
    }
  } catch (error) {
    // An attempt that has not been started has no file.
    if (systemCode(error) === 'ENOENT') return { bytes: new Uint8Array(0), size: 0 }
    throw error
  }
}

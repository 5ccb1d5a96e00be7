import type { RawValue } from '#contract/chunk/encode.ts'
import { momentText } from './moment-text.ts'
import { readIfThere } from './read-if-there.ts'

/** As the service writes them: see `usage-file.ts` there. A day of samples is 3.5 MB. */
const RECORD_BYTES = 40

/** What an attempt has used, sample by sample; none where nothing was sampled. */
export function* usageSamples(path: string): Generator<RawValue[]> {
  const bytes = readIfThere(path)
  for (let at = 0; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    yield [
      momentText(bytes.readDoubleLE(at)),
      bytes.readFloatLE(at + 8),
      bytes.readDoubleLE(at + 16),
      known(bytes.readDoubleLE(at + 24)),
      known(bytes.readDoubleLE(at + 32)),
      BigInt(bytes.readUInt32LE(at + 12)),
    ]
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

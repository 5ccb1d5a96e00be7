import { appendFile, open } from 'node:fs/promises'
import type { UsageSample } from '#contract/usage.ts'
import { systemCode } from '../platform/system-code.ts'

/**
 * One sample in the file, all numbers little-endian: when (float64, milliseconds since 1970), cores (float32), processes
 * (uint32), memory, bytes read and bytes written (float64; NaN where they are not known).
 */
const RECORD_BYTES = 40
/** What is read at a time: 1,600 samples, half an hour of them. */
const SLICE_BYTES = 1_600 * RECORD_BYTES

/** Adds samples to the end of a file. */
export async function appendSamples(path: string, samples: readonly UsageSample[]): Promise<void> {
  const bytes = Buffer.alloc(samples.length * RECORD_BYTES)
  for (const [index, sample] of samples.entries()) {
    const at = index * RECORD_BYTES
    bytes.writeDoubleLE(sample.at, at)
    bytes.writeFloatLE(sample.cores, at + 8)
    bytes.writeUInt32LE(sample.processes, at + 12)
    bytes.writeDoubleLE(sample.memoryBytes, at + 16)
    bytes.writeDoubleLE(sample.readBytes ?? NaN, at + 24)
    bytes.writeDoubleLE(sample.writtenBytes ?? NaN, at + 32)
  }
  await appendFile(path, bytes, { mode: 0o600 })
}

/** Every whole sample of a file in order; none when there is no file. A torn last one, as a crash leaves it, is left out. */
export async function* readSamples(path: string): AsyncGenerator<UsageSample> {
  let file
  try {
    file = await open(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw error
  }
  try {
    const slice = Buffer.alloc(SLICE_BYTES)
    for (let position = 0; ;) {
      const { bytesRead } = await file.read(slice, 0, SLICE_BYTES, position)
      const whole = bytesRead - (bytesRead % RECORD_BYTES)
      if (whole === 0) return
      for (let at = 0; at < whole; at += RECORD_BYTES) {
        yield {
          at: slice.readDoubleLE(at),
          cores: slice.readFloatLE(at + 8),
          processes: slice.readUInt32LE(at + 12),
          memoryBytes: slice.readDoubleLE(at + 16),
          readBytes: known(slice.readDoubleLE(at + 24)),
          writtenBytes: known(slice.readDoubleLE(at + 32)),
        }
      }
      position += whole
    }
  } finally {
    await file.close()
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

/** Shorter ones cost little, and may lie in a buffer that Node shares out. */
const WORTH_FREEING_BYTES = 128 * 1024

/**
 * Gives the memory of bytes back to the system at once: whoever still has them has none any more. The collector lets
 * buffers of tens of megabytes gather before it looks at them: packing three million rows into a result took 175 MB with
 * it and takes 120 MB without, in 15% less of the processor's time.
 */
export function freeBytes({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= WORTH_FREEING_BYTES) buffer.transfer(0)
}

/** Sizes are chosen in gigabytes of 1,000,000,000 bytes, as disks are sold. */
const BYTES_PER_GB = 1_000_000_000
/** Two digits behind the point are shown: ten megabytes. */
const SHOWN_PARTS = 100

/** Bytes as a person reads them in a field. */
export function inGigabytes(bytes: number): number {
  return Math.round((bytes / BYTES_PER_GB) * SHOWN_PARTS) / SHOWN_PARTS
}

/** Whole bytes for what was typed into a field. */
export function fromGigabytes(gigabytes: number): number {
  return Math.round(gigabytes * BYTES_PER_GB)
}

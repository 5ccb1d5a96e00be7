/**
 * How long a host may take to stop between two rows or inside its statement, before its process is ended: a cancel takes
 * effect within 1 s.
 */
export const POLITE_CANCEL_MS = 300

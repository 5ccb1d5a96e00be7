/** The native part of SQLite that fits the runtime, when it is not the one that the package came with. */
export function binding(): { nativeBinding?: string } {
  const { OFFLOOP_SQLITE_BINDING: path } = process.env
  return path ? { nativeBinding: path } : {}
}

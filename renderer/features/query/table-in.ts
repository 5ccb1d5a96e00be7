/** The name after the first FROM of a statement, with or without quotes. */
const FROM = /\bFROM\s+(?:"((?:[^"]|"")+)"|\[([^\]]+)\]|`([^`]+)`|([\p{L}_][\p{L}\p{N}_$]*))/iu
/** Of a statement that is looked at for it; what comes later is hardly its table. */
const LOOKED_AT_CHARACTERS = 2_000

/** The table that a statement seems to read, for a name to begin with; undefined when it reads none by name. */
export function tableIn(sql: string): string | undefined {
  const [, quoted, bracketed, ticked, plain] = FROM.exec(sql.slice(0, LOOKED_AT_CHARACTERS)) ?? []
  return quoted?.replaceAll('""', '"') ?? bracketed ?? ticked ?? plain
}

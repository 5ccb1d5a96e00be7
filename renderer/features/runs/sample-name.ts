import { t } from '../../messages/words.ts'

/** The name of a saved command: Offloop's own samples have one in each language, others the one they were given. */
export function savedCommandName(name: string): string {
  switch (name) {
    case 'ticker':
    case 'flood':
    case 'failing':
      return t(`samples.${name}`)
    default:
      return name
  }
}

import {
  templateTroubles,
  type BadValue,
  type Fillable,
  type TemplateTrouble,
} from '#contract/template/fill.ts'
import type { ValueTrouble } from '#contract/template/parameter.ts'
import { unquotedIn } from '#contract/template/unquoted.ts'
import { t, type MessageKey } from '../../../messages/words.ts'

const TROUBLES: Readonly<Record<TemplateTrouble['kind'], MessageKey>> = {
  twice: 'templates.twice',
  'bad-default': 'templates.badDefault',
  'secret-in-plain': 'templates.secretInPlain',
  'braces-in-line': 'templates.bracesInLine',
  'shells-own': 'templates.shellsOwn',
}
const VALUES: Readonly<Record<ValueTrouble, MessageKey>> = {
  missing: 'templates.missing',
  'not-a-number': 'templates.notANumber',
  'not-a-choice': 'templates.notAChoice',
  'not-a-flag': 'templates.notAChoice',
  'not-absolute': 'templates.notAbsolute',
  'zero-byte': 'environment.zeroByte',
  unknown: 'templates.unknown',
}

/** What keeps a template from being used, in words; empty when nothing does. */
export function templateTrouble(template: Fillable): string {
  const [trouble] = templateTroubles(template)
  return trouble ? t(TROUBLES[trouble.kind], { name: trouble.parameter }) : ''
}

/** What is wrong with a value, in words. */
export function valueTroubleWords({ parameter, trouble }: BadValue): string {
  return t(VALUES[trouble], { name: parameter })
}

/** Warns of variables that the shell would split; empty when there are none. */
export function quotesWarning({ command: { command }, parameters }: Fillable): string {
  if (command.kind !== 'shell') return ''
  const names = parameters.filter(({ type }) => type !== 'flag').map(({ name }) => name)
  const [name] = unquotedIn(command.line, new Set(names))
  return name === undefined ? '' : t('templates.unquoted', { name })
}

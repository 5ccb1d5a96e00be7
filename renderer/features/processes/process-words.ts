import type { Notice, ProcessInfo } from '#contract/processes.ts'
import { t } from '../../messages/words.ts'
import { formatCount, formatPercent } from '../../ui/format/number.ts'

/** What a process is called. */
export function roleWord({ role }: ProcessInfo): string {
  switch (role) {
    case 'main':
      return t('processes.main')
    case 'renderer':
      return t('processes.renderer')
    case 'service':
      return t('processes.service')
    case 'query-host':
      return t('processes.queryHost')
    default:
      return role satisfies never
  }
}

export function processStateWord({ state }: ProcessInfo): string {
  switch (state) {
    case 'starting':
      return t('processes.starting')
    case 'ready':
      return t('processes.ready')
    case 'busy':
      return t('processes.busy')
    case 'not-responding':
      return t('processes.notResponding')
    case 'stopped':
      return t('processes.stopped')
    default:
      return state satisfies never
  }
}

/** What ending a process does, before it is done. */
export function endingSentence({ role, state }: ProcessInfo): string {
  switch (role) {
    case 'main':
      return ''
    case 'renderer':
      return t('processes.endsRenderer')
    case 'service':
      return t('processes.endsService')
    case 'query-host':
      return state === 'busy' ? t('processes.endsBusyHost') : t('processes.endsHost')
    default:
      return role satisfies never
  }
}

/** A notice as the status bar says it. */
export function noticeSentence({ kind, about }: Notice): string {
  switch (kind) {
    case 'service-restarted':
      return t('notices.serviceRestarted')
    case 'service-not-responding':
      return t('notices.serviceNotResponding')
    case 'service-stopped':
      return t('notices.serviceStopped')
    case 'query-host-ended':
      return about ? t('notices.queryHostEndedAbout', { about }) : t('notices.queryHostEnded')
    case 'renderer-reloaded':
      return t('notices.rendererReloaded')
    default:
      return kind satisfies never
  }
}

/** How often a query process found its statements prepared. */
export function preparedWords({ statements }: ProcessInfo): string {
  const count = statements ? statements.hits + statements.misses : 0
  if (!statements || count === 0) return t('processes.none')
  return t('processes.preparedShare', {
    share: formatPercent(statements.hits / count),
    count: formatCount(count),
  })
}

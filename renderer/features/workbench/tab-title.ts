import { t } from '../../messages/words.ts'
import { shortName } from '../saved/saved-tree.ts'
import type { Tab } from './tab.ts'

/** What a tab is called in the language that is shown. */
export function tabTitle(tab: Tab): string {
  switch (tab.kind) {
    case 'query':
      if (tab.saved !== null) return shortName(tab.saved)
      return tab.title || t('workbench.welcomeQuery', { number: tab.number })
    case 'result':
    case 'run':
    case 'transfer':
      return tab.title || t('history.run', { id: tab.runId })
    case 'import':
      return t('transfer.importTitle')
    case 'new-command':
      if (tab.rowsOf !== undefined) return t('fan.tabTitle', { run: String(tab.rowsOf) })
      return tab.template === undefined
        ? t('runs.formTitle')
        : t('templates.editTitle', { name: tab.template })
    case 'template':
      return tab.name
    case 'table':
      return tab.table
    case 'maintenance':
      return t('maintenance.title', { name: tab.database.split(/[/\\]/u).at(-1) ?? tab.database })
    case 'server':
      return tab.address === null ? t('server.title') : t('server.changeTitle')
    case 'diff':
      return t('diff.title', { before: String(tab.before), after: String(tab.after) })
    case 'runs':
      return t('runScreen.title')
    case 'settings':
      return t('settings.title')
    default:
      return tab satisfies never
  }
}

import type { ShallowRef } from 'vue'
import { provideCommands } from '../../commands/registry.ts'
import { askApp } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { t } from '../../messages/words.ts'
import { askForImport } from '../../transfers/wanted-transfers.ts'
import { showError } from '../../ui/toasts.ts'
import { openHistory } from '../history/open-history.ts'
import { changeSettings } from '../settings/appearance.ts'
import type { Activity, Layout } from './tab.ts'
import type { Tabs } from './use-tabs.ts'

/** Provides the commands that mean the same in every tab. */
export function provideWindowCommands(layout: ShallowRef<Layout>, tabs: Tabs, openPalette: () => void): void {
  const hasTabs = (): boolean => layout.value.tabs.length > 0

  function showActivity(activity: Activity): void {
    const hides = layout.value.sideBarOpen && layout.value.activity === activity
    layout.value = { ...layout.value, activity, sideBarOpen: !hides }
  }

  async function queryHistory(): Promise<void> {
    const history = await openHistory()
    if (history) tabs.openQuery({ ...history, title: t('history.title'), run: true })
  }

  async function quit(): Promise<void> {
    try {
      await askApp('quit', {})
    } catch (error) {
      showError(t('commands.quit'), messageOf(error))
    }
  }

  provideCommands({
    'palette.open': { run: openPalette },
    'server.connect': { run: () => tabs.open({ kind: 'server', address: null }) },
    'query.new': {
      run: () => tabs.openQuery({ database: tabs.shownDatabase(), sql: '', title: '', run: false }),
    },
    'command.new': { run: () => tabs.open({ kind: 'new-command' }) },
    'tab.close': {
      run: () => layout.value.activeTab !== null && void tabs.askToClose(layout.value.activeTab),
      enabled: hasTabs,
    },
    'tab.next': { run: () => tabs.move(1), enabled: hasTabs },
    'tab.previous': { run: () => tabs.move(-1), enabled: hasTabs },
    'rows.import': { run: () => askForImport({ file: null, database: tabs.shownDatabase(), table: null }) },
    'view.databases': { run: () => showActivity('databases') },
    'view.saved': { run: () => showActivity('saved') },
    'view.runs': { run: () => showActivity('runs') },
    'runs.table': { run: () => tabs.showRuns('table') },
    'runs.timeline': { run: () => tabs.showRuns('timeline') },
    'runs.schedules': { run: () => tabs.showRuns('schedules') },
    'runs.pools': { run: () => tabs.showRuns('pools') },
    'history.query': { run: () => void queryHistory() },
    'view.history': { run: () => showActivity('history') },
    'view.settings': { run: () => tabs.open({ kind: 'settings' }) },
    'view.sideBar': {
      run: () => (layout.value = { ...layout.value, sideBarOpen: !layout.value.sideBarOpen }),
    },
    'theme.light': { run: () => void changeSettings({ theme: 'light' }) },
    'theme.dark': { run: () => void changeSettings({ theme: 'dark' }) },
    'theme.system': { run: () => void changeSettings({ theme: 'system' }) },
    'app.quit': { run: () => void quit() },
  })
}

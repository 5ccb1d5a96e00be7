import { onScopeDispose, watch } from 'vue'
import type { Opening } from '#contract/opening.ts'
import { askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { followOpenings } from '../../ipc/openings.ts'
import { workspace } from '../../ipc/workspace.ts'
import { t } from '../../messages/words.ts'
import { wantedFanOut } from '../../rows/wanted-fan-out.ts'
import { askForImport, wantedImport } from '../../transfers/wanted-transfers.ts'
import { showError } from '../../ui/toasts.ts'
import { openDatabase } from '../databases/open-database.ts'
import type { Tabs } from './use-tabs.ts'

/** Opens what the system, another program or the mouse brings to the window. @returns what takes dropped files. */
export function useOpenings(tabs: Tabs): (files: readonly File[]) => Promise<void> {
  /** Rows are imported; whatever else somebody wants to open may be a database. @param path absolute. */
  async function openFile(path: string): Promise<void> {
    const isRows = /\.(csv|tsv|jsonl|ndjson)$/iu.test(path)
    if (isRows) askForImport({ file: path, database: tabs.shownDatabase(), table: null })
    else await openDatabase(path)
  }

  async function onOpening(wanted: Opening): Promise<void> {
    switch (wanted.kind) {
      case 'file':
        return openFile(wanted.path)
      case 'run':
        try {
          return tabs.openWholeRun(await askService('run.get', { id: wanted.id }))
        } catch (error) {
          return showError(t('workbench.noSuchRun', { id: wanted.id }), messageOf(error))
        }
      case 'unknown-link':
        return showError(t('workbench.unknownLink', { link: wanted.link }), t('workbench.unknownLinkHint'))
      default:
        return wanted satisfies never
    }
  }

  // What was asked for before the first answer would not find a service to ask.
  onScopeDispose(followOpenings((wanted) => void whenReady().then(() => onOpening(wanted))))

  watch(
    wantedImport,
    (wanted) => {
      if (!wanted) return
      wantedImport.value = undefined
      tabs.open({ kind: 'import', ...wanted })
    },
    // Each of several files has a form of its own.
    { flush: 'sync' },
  )

  watch(wantedFanOut, (run) => {
    if (run === undefined) return
    wantedFanOut.value = undefined
    tabs.open({ kind: 'new-command', rowsOf: run })
  })

  return async (files) => {
    for (const file of files) {
      const path = window.offloop?.pathForFile(file) ?? ''
      if (path === '') showError(t('databases.notOnDisk'), t('databases.notOnDiskHint'))
      else await openFile(path)
    }
  }
}

function whenReady(): Promise<void> {
  return new Promise((resolve) => {
    const stop = watch(
      workspace,
      (there) => {
        if (!there) return
        resolve()
        queueMicrotask(() => stop())
      },
      { immediate: true },
    )
  })
}

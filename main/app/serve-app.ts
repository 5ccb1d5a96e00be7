import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  app,
  BrowserWindow,
  dialog,
  type OpenDialogOptions,
  type SaveDialogOptions,
  type WebContents,
} from 'electron'
import { appContract } from '#contract/app.ts'
import type { Port } from '#kit/port.ts'
import { failed } from '#kit/request-failed.ts'
import { serve } from '#kit/serve.ts'
import { endProcess } from './end-process.ts'
import { holdWindow } from './hold-window.ts'
import type { LeavingGuard } from './leaving/guard-leaving.ts'
import { messages, useLanguage } from './messages.ts'
import { installMenu } from './menu.ts'
import { openOutput } from './open-output.ts'
import { saveCopy, type OutputFiles } from './save-copy.ts'
import { savePicture } from './save-picture.ts'
import { saveText } from './save-text.ts'
import { openExported, revealFile } from './show-file.ts'
import type { Notices } from './notices.ts'
import type { Openings } from './openings.ts'
import type { Places } from './places.ts'
import { TABLE_INTERVAL_MS, type ProcessTable } from './process-table.ts'
import type { QueryHosts } from './query-hosts.ts'
import type { Supervisor } from './supervisor.ts'

/** What the answers are made from. */
export interface AppParts {
  readonly places: Places
  readonly supervisor: Supervisor
  readonly hosts: QueryHosts
  readonly processes: ProcessTable
  readonly notices: Notices
  readonly openings: Openings
  readonly leaving: LeavingGuard
  readonly log: (line: string, cause?: unknown) => void
}

/** Answers a page's requests to the main process. */
export function serveApp(parts: AppParts, port: Port, contents: WebContents): void {
  const { places, supervisor, hosts, processes, notices, openings, leaving, log } = parts
  /** Where the person wants something saved: a page that has gone wrong can name any path, and writes to no other. */
  const chosen = new Set<string>()

  function filesOf({ id, attempt }: { readonly id: number; readonly attempt: number }): OutputFiles {
    const folder = join(places.profile, 'runs', String(id), String(attempt))
    return { output: join(folder, 'output'), gap: join(folder, 'gap') }
  }

  function refuseUnchosen(to: string): void {
    if (chosen.has(to)) return
    throw failed('invalid-params', `Nobody chose to save a copy at ${to}. Choose the place in the dialog.`)
  }

  async function ask(options: OpenDialogOptions): Promise<{ path: string | null }> {
    const window = BrowserWindow.fromWebContents(contents)
    const { filePaths } = await (window
      ? dialog.showOpenDialog(window, options)
      : dialog.showOpenDialog(options))
    return { path: filePaths[0] ?? null }
  }

  serve(
    appContract,
    port,
    {
      info: () => ({
        version: __VERSION__,
        electron: process.versions.electron,
        chrome: process.versions.chrome,
        node: process.versions.node,
        platform: process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux',
        homeFolder: homedir(),
        locale: app.getLocale(),
      }),
      async 'processes.watch'(_params, { emit, signal }) {
        while (!signal.aborted) {
          await emit({ processes: [...processes.rows], notices: [...notices.recent] })
          await delay(TABLE_INTERVAL_MS, undefined, { signal })
        }
        return {}
      },
      async 'process.end'({ pid }) {
        await endProcess(pid, supervisor, hosts)
        return {}
      },
      async 'openings.take'(_params, { emit, signal }) {
        for await (const opening of openings.take(signal)) await emit({ opening })
        return {}
      },
      'service.restart'() {
        supervisor.restart()
        return {}
      },
      'dialog.openDatabase': () =>
        ask({
          properties: ['openFile', 'showHiddenFiles'],
          filters: [
            { name: messages().databases, extensions: ['db', 'sqlite', 'sqlite3', 'db3', 's3db'] },
            { name: messages().allFiles, extensions: ['*'] },
          ],
        }),
      'dialog.chooseFile': () => ask({ properties: ['openFile', 'showHiddenFiles'] }),
      'dialog.openRows': () =>
        ask({
          properties: ['openFile', 'showHiddenFiles'],
          filters: [
            { name: messages().rowFiles, extensions: ['csv', 'tsv', 'txt', 'jsonl', 'ndjson'] },
            { name: messages().allFiles, extensions: ['*'] },
          ],
        }),
      async 'dialog.saveFile'({ name }) {
        const window = BrowserWindow.fromWebContents(contents)
        const options: SaveDialogOptions = {
          defaultPath: isAbsolute(name) ? name : join(app.getPath('documents'), name),
          properties: ['createDirectory', 'showOverwriteConfirmation'],
        }
        const { filePath } = await (window
          ? dialog.showSaveDialog(window, options)
          : dialog.showSaveDialog(options))
        if (filePath === '') return { path: null }
        chosen.add(filePath)
        return { path: filePath }
      },
      'file.reveal': ({ path }) => revealFile(path),
      'file.open': ({ path }) => openExported(path),
      'dialog.chooseFolder': () => ask({ properties: ['openDirectory', 'createDirectory'] }),
      'output.open': (asked) => openOutput(filesOf(asked).output, `run-${asked.id}-${asked.attempt}`),
      'output.reveal': (asked) => revealFile(filesOf(asked).output),
      async 'output.saveCopy'({ to, ...asked }) {
        refuseUnchosen(to)
        return saveCopy(filesOf(asked), to)
      },
      async 'picture.save'({ png, to }) {
        refuseUnchosen(to)
        return savePicture(png, to)
      },
      async 'text.save'({ to, text }) {
        refuseUnchosen(to)
        return saveText(text, to)
      },
      'language.use'({ language }) {
        useLanguage(language)
        installMenu()
        return {}
      },
      async 'window.hold'(_params, context) {
        const window = BrowserWindow.fromWebContents(contents)
        return window ? holdWindow(window, context) : {}
      },
      ...leaving.handlers(contents),
      'window.close'() {
        BrowserWindow.fromWebContents(contents)?.close()
        return {}
      },
      quit() {
        app.quit()
        return {}
      },
    },
    { onTrouble: log },
  )
}

import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import { menuShortcuts, type ChosenShortcuts } from '#contract/shortcut.ts'
import { acceleratorOf } from './accelerator.ts'
import { messages } from './messages.ts'

let chosen: ChosenShortcuts = {}

/** Takes over the shortcuts that the person has chosen: what the menu has of them follows. */
export function useMenuShortcuts(shortcuts: ChosenShortcuts): void {
  if (JSON.stringify(shortcuts) === JSON.stringify(chosen)) return
  chosen = shortcuts
  installMenu()
}

/**
 * Installs the system menu: what platforms expect to find there. Offloop's own actions are in the page's palette. Keys reach
 * the page first; the menu has those that it leaves, so it may have none for what the person has taken them from.
 */
export function installMenu(): void {
  const words = messages()
  const isMac = process.platform === 'darwin'
  const separator = { type: 'separator' } as const
  const quit = {
    label: words.quit,
    click: () => app.quit(),
    ...acceleratorFor('app.quit'),
  }
  const template: MenuItemConstructorOptions[] = [
    ...(isMac
      ? [
          {
            role: 'appMenu',
            submenu: [
              { role: 'about' },
              separator,
              { role: 'services' },
              separator,
              { role: 'hide' },
              { role: 'hideOthers' },
              { role: 'unhide' },
              separator,
              quit,
            ],
          } satisfies MenuItemConstructorOptions,
        ]
      : []),
    {
      label: words.file,
      submenu: [
        {
          label: words.closeWindow,
          click: (_item, window) => window?.close(),
          ...acceleratorFor('tab.close'),
        },
        ...(isMac ? [] : [quit]),
      ],
    },
    { label: words.edit, role: 'editMenu' },
    {
      label: words.view,
      submenu: [
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'resetZoom' },
        separator,
        { role: 'togglefullscreen' },
        ...(app.isPackaged
          ? []
          : [separator, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
      ],
    },
    {
      label: words.window,
      role: 'window',
      submenu: [
        { role: 'minimize' },
        { role: 'zoom' },
        ...(isMac ? [separator, { role: 'front' } as const] : []),
      ],
    },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}

/** The first shortcut of a command, for its item. */
function acceleratorFor(command: keyof typeof menuShortcuts): { readonly accelerator?: string } {
  const [first]: readonly string[] = chosen[command] ?? menuShortcuts[command]
  const accelerator = first === undefined ? undefined : acceleratorOf(first)
  return accelerator === undefined ? {} : { accelerator }
}

import { expect, test } from 'vitest'
import { desktopEntry } from './desktop-entry.ts'

test('a desktop entry opens files with the program and cannot be extended by a value', () => {
  const text = desktopEntry({
    name: 'Offloop',
    comment: 'First\nExec=evil',
    program: '/opt/Offloop test/offloop',
    icon: 'offloop',
    categories: 'Development;Database',
    mimeTypes: ['application/vnd.sqlite3', 'x-scheme-handler/offloop'],
    extra: { StartupNotify: 'true' },
  })
  expect(text.split('\n')).toEqual([
    '[Desktop Entry]',
    'Type=Application',
    'Name=Offloop',
    'Comment=First\\nExec=evil',
    'Exec="/opt/Offloop test/offloop" %U',
    'Icon=offloop',
    'Terminal=false',
    'StartupWMClass=offloop',
    'Categories=Development;Database;',
    'MimeType=application/vnd.sqlite3;x-scheme-handler/offloop;',
    'StartupNotify=true',
    '',
  ])
})

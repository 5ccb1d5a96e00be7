import { expect, test } from 'vitest'
import { debianControl } from './debian-control.ts'

const about = {
  name: 'offloop',
  version: '1.2.0-beta.1',
  architecture: 'amd64',
  maintainer: 'Somebody',
  section: 'database',
  depends: ['libgtk-3-0', 'libnss3'],
  recommends: [],
  installedBytes: 2049,
  synopsis: 'A workbench',
  description: 'For slow\nthings.',
}

test('a control file tells Debian what it must know, each field on its own line', () => {
  expect(debianControl(about)).toBe(
    [
      'Package: offloop',
      'Version: 1.2.0~beta.1',
      'Architecture: amd64',
      'Maintainer: Somebody',
      'Installed-Size: 3',
      'Depends: libgtk-3-0, libnss3',
      'Section: database',
      'Priority: optional',
      'Description: A workbench',
      ' For slow things.',
      '',
    ].join('\n'),
  )
})

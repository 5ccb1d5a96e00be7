import { describe, expect, test } from 'vitest'
import { askIdentity, askProcesses, parseIdentity, parseMembers } from './darwin.ts'
import { usageOfTree } from './darwin-tree-meter.ts'
import { linux } from './linux.ts'
import type { WrapperTerminal } from './platform.ts'
import { posixShell, posixWrapper } from './posix.ts'
import { thisPlatform } from './this-platform.ts'
import { windows, windowsProgramNames, windowsShell } from './windows.ts'

test('each system has its own way, and one without a name has that of Linux', () => {
  expect(thisPlatform('win32')).toBe(windows)
  expect(thisPlatform('linux')).toBe(linux)
  expect(thisPlatform('freebsd')).toBe(linux)
  expect(thisPlatform('darwin')).not.toBe(linux)
})

describe('on POSIX', () => {
  test('a line is one argument of the person’s shell, or of /bin/sh', () => {
    expect(posixShell('a && "b"', { SHELL: '/usr/bin/zsh' })).toEqual({
      program: '/usr/bin/zsh',
      args: ['-c', 'a && "b"'],
    })
    expect(posixShell('a', {}).program).toBe('/bin/sh')
    expect(posixShell('a', { SHELL: '' }).program).toBe('/bin/sh')
  })

  test('the wrapper gets the command as arguments, never as a line', () => {
    const command = { program: 'p', args: ['a b', '$c'] }
    const programs = { script: '/w.pl', native: undefined }
    expect(posixWrapper(programs, '/attempt', '/folder', { kind: 'nothing' }, null, command)).toEqual({
      launcher: { program: 'perl', args: ['/w.pl'] },
      words: ['/attempt', '/folder', 'nothing', 'none', 'p', 'a b', '$c'],
    })
    const file = { kind: 'file' as const, path: '/a b' }
    expect(
      posixWrapper(programs, '/attempt', '/folder', file, { columns: 80, rows: 24 }, command).words,
    ).toEqual(['/attempt', '/folder', 'file:/a b', '80x24', 'p', 'a b', '$c'])
  })

  test('the program for plain commands takes those alone', () => {
    const programs = { script: '/w.pl', native: '/launcher' }
    const launcherFor = (terminal: WrapperTerminal): string =>
      posixWrapper(programs, '/attempt', '/folder', { kind: 'pipe' }, terminal, { program: 'p', args: [] })
        .launcher.program
    expect(launcherFor(null)).toBe('/launcher')
    expect(launcherFor('apart')).toBe('perl')
    expect(launcherFor({ columns: 80, rows: 24 })).toBe('perl')
  })
})

describe('on macOS', () => {
  test('a process is asked for by its pid', () => {
    expect(askIdentity(42)).toEqual({ program: '/bin/ps', args: ['-o', 'lstart=,stat=', '-p', '42'] })
  })

  test('the start time is read without the padding that ps puts in', () => {
    expect(parseIdentity('Mon Nov  3 09:12:44 2025     S+\n')).toBe('Mon Nov 3 09:12:44 2025')
    expect(parseIdentity('Mon Nov  3 09:12:44 2025     Z\n')).toBeUndefined()
    expect(parseIdentity('')).toBeUndefined()
  })

  test('members are read from the list with environments, without ancestors and zombies', () => {
    expect(askProcesses.args).toContain('-axwwE')
    const list = [
      '    1     0     1 Ss   /sbin/launchd',
      '  100     1   100 S    /Offloop OFFLOOP_RUN=abc',
      '  101   100   101 S    /Offloop Helper OFFLOOP_RUN=abc',
      '  200     1   200 S    sleep 100 HOME=/h OFFLOOP_RUN=abc PATH=/bin',
      '  201     1   201 S    sleep 100 OFFLOOP_RUN=abcd',
      '  202     1   300 S    in the group',
      '  203     1   300 Z    (gone) OFFLOOP_RUN=abc',
    ].join('\n')
    expect(parseMembers(list, 101, 300, 'OFFLOOP_RUN=abc')).toEqual([
      { pid: 200, group: 200, marked: true },
      { pid: 202, group: 300, marked: false },
    ])
  })
})

describe('on Windows', () => {
  test('a line goes to the shell of the system with its quotes as they are', () => {
    expect(windowsShell('dir "C:\\a b"', { ComSpec: 'C:\\cmd.exe' })).toEqual({
      program: 'C:\\cmd.exe',
      args: ['/d', '/s', '/c', '"dir "C:\\a b""'],
    })
  })

  test('a program without an extension is looked for with those of PATHEXT', () => {
    expect(windowsProgramNames('npm', { Pathext: '.EXE;.CMD' })).toEqual(['npm.exe', 'npm.cmd'])
    expect(windowsProgramNames('a.exe', {})).toEqual(['a.exe'])
    expect(windowsProgramNames('dir.v2\\tool', {})).toContain('dir.v2\\tool.exe')
  })

  test('commands are refused as long as there is no wrapper', () => {
    expect(
      windows.wrapper(
        { script: '/w.pl', native: undefined },
        '/attempt',
        '/folder',
        { kind: 'nothing' },
        null,
        { program: 'p', args: [] },
      ),
    ).toBeNull()
  })
})

describe('what a tree of processes uses on macOS', () => {
  const list = `    1     0  1000   0:10.00
  100     1  2048   0:01.50
  101   100  1024 1-01:00:00.25
  102   101     8 10:00.00
  200     1  9999   0:00.01
`
  test('is added up from the list of all of them', () => {
    expect(usageOfTree(list, 100)).toEqual({
      processes: 3,
      memoryBytes: (2048 + 1024 + 8) * 1024,
      processorMs: 1_500 + 90_000_250 + 600_000,
      readBytes: null,
      writtenBytes: null,
    })
  })

  test('is not known of one that is not in the list', () => {
    expect(usageOfTree(list, 300)).toBeUndefined()
    expect(usageOfTree('', 1)).toBeUndefined()
  })
})

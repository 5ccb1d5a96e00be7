import { menuShortcuts } from '#contract/shortcut.ts'
import type { MessageKey } from '../messages/words.ts'

/** What is known of a command before anyone provides it. */
export interface CommandInfo {
  readonly title: MessageKey
  /** Keys such as `Mod+Shift+P`, where Mod is Ctrl, or Command on a Mac. The first is the one that is shown. */
  readonly keys?: readonly string[]
  /** Not in the palette: it means something only where it is used. */
  readonly hidden?: true
}

/** Every action of the window. Buttons, menus, the palette and keys all run one of these. */
export const commandList = {
  'palette.open': { title: 'commands.palette', keys: ['Mod+Shift+P', 'F1'], hidden: true },
  'database.open': { title: 'commands.openDatabase', keys: ['Mod+O'] },
  'server.connect': { title: 'commands.connectServer' },
  'query.new': { title: 'commands.newQuery', keys: ['Mod+T', 'Mod+N'] },
  'query.run': { title: 'commands.runQuery', keys: ['Mod+Enter'] },
  'query.runAll': { title: 'commands.runAll', keys: ['Mod+Shift+Enter'] },
  'query.explain': { title: 'commands.explainQuery', keys: ['Mod+Shift+E'] },
  'query.save': { title: 'commands.saveQuery', keys: ['Mod+S'] },
  'query.saveAs': { title: 'commands.saveQueryAs', keys: ['Mod+Shift+S'] },
  'query.format': { title: 'commands.formatQuery', keys: ['Mod+K'] },
  'transaction.commit': { title: 'commands.commit' },
  'transaction.rollBack': { title: 'commands.rollBack' },
  'query.cancel': { title: 'commands.cancelQuery', keys: ['Escape'] },
  'result.copy': { title: 'commands.copyResult' },
  'result.copyWithNames': { title: 'commands.copyWithNames' },
  'result.copyCsv': { title: 'commands.copyCsv' },
  'result.copyCsvRows': { title: 'commands.copyCsvRows' },
  'result.copyJson': { title: 'commands.copyJson' },
  'result.copyJsonLines': { title: 'commands.copyJsonLines' },
  'result.copyMarkdown': { title: 'commands.copyMarkdown' },
  'result.copySql': { title: 'commands.copySql' },
  'result.sortAscending': { title: 'commands.sortAscending' },
  'result.sortDescending': { title: 'commands.sortDescending' },
  'result.filter': { title: 'commands.filterColumn' },
  'result.find': { title: 'commands.findInResult', keys: ['Mod+Shift+F'] },
  'result.clear': { title: 'commands.clearLook' },
  'result.values': { title: 'commands.showValues' },
  'result.sum': { title: 'commands.sumCells' },
  'result.pin': { title: 'commands.pinResult', keys: ['Mod+P'] },
  'result.compare': { title: 'commands.compareResults', keys: ['Mod+Shift+C'] },
  'result.chart': { title: 'commands.chartResult', keys: ['Mod+Shift+G'] },
  'chart.copy': { title: 'commands.copyChart' },
  'chart.save': { title: 'commands.saveChart' },
  'result.export': { title: 'commands.exportResult', keys: ['Mod+E'] },
  'result.forEach': { title: 'commands.runForEachRow' },
  'rows.import': { title: 'commands.importRows' },
  'edits.review': { title: 'commands.reviewEdits', keys: ['Mod+Shift+A'] },
  'edits.undo': { title: 'commands.undoEdit', keys: ['Mod+Z'] },
  'command.new': { title: 'commands.newCommand', keys: ['Mod+Shift+N'] },
  'run.stop': { title: 'commands.stopRun' },
  'runs.table': { title: 'commands.runsTable', keys: ['Mod+Shift+L'] },
  'runs.pools': { title: 'commands.runsPools' },
  'runs.timeline': { title: 'commands.runsTimeline' },
  'runs.schedules': { title: 'commands.runsSchedules' },
  'runs.cancel': { title: 'commands.cancelRuns' },
  'runs.kill': { title: 'commands.killRuns' },
  'runs.pause': { title: 'commands.pauseRuns' },
  'runs.resume': { title: 'commands.resumeRuns' },
  'runs.hold': { title: 'commands.holdRuns' },
  'runs.release': { title: 'commands.releaseRuns' },
  'runs.raise': { title: 'commands.raiseRuns' },
  'runs.lower': { title: 'commands.lowerRuns' },
  'runs.restart': { title: 'commands.restartRuns' },
  'runs.again': { title: 'commands.runAgain' },
  'runs.delete': { title: 'commands.deleteRuns' },
  'runs.wait': { title: 'commands.waitForRuns' },
  'runs.batch': { title: 'commands.batchRuns' },
  'runs.compare': { title: 'commands.compareRuns' },
  'log.find': { title: 'commands.findInLog', keys: ['Mod+F'] },
  'log.findNext': { title: 'commands.findNext', keys: ['F3'] },
  'log.findPrevious': { title: 'commands.findPrevious', keys: ['Shift+F3'] },
  'log.firstError': { title: 'commands.firstError' },
  'log.goToLine': { title: 'commands.goToLine', keys: ['Mod+G'] },
  'log.follow': { title: 'commands.followLog' },
  'diff.next': { title: 'commands.nextDifference', keys: ['F8'] },
  'diff.previous': { title: 'commands.previousDifference', keys: ['Shift+F8'] },
  'tab.close': { title: 'commands.closeTab', keys: menuShortcuts['tab.close'] },
  'tab.next': { title: 'commands.nextTab', keys: ['Mod+PageDown'] },
  'tab.previous': { title: 'commands.previousTab', keys: ['Mod+PageUp'] },
  'view.databases': { title: 'commands.showDatabases', keys: ['Mod+Shift+D'] },
  'view.saved': { title: 'commands.showSaved', keys: ['Mod+Shift+Y'] },
  'view.runs': { title: 'commands.showRuns', keys: ['Mod+Shift+R'] },
  'view.history': { title: 'commands.showHistory', keys: ['Mod+Shift+H'] },
  'history.query': { title: 'commands.queryHistory' },
  'view.settings': { title: 'commands.showSettings', keys: ['Mod+,'] },
  'view.sideBar': { title: 'commands.toggleSideBar', keys: ['Mod+B'] },
  'view.processes': { title: 'commands.showProcesses' },
  'theme.light': { title: 'commands.lightTheme' },
  'theme.dark': { title: 'commands.darkTheme' },
  'theme.system': { title: 'commands.systemTheme' },
  'service.restart': { title: 'commands.restartService' },
  'app.quit': { title: 'commands.quit', keys: menuShortcuts['app.quit'] },
} as const satisfies Record<string, CommandInfo>

export type CommandId = keyof typeof commandList

/** The list as pairs, in its order. */
export const commandEntries = Object.entries(commandList) as readonly (readonly [CommandId, CommandInfo])[]

/** What is known of a command. */
export function commandInfo(id: CommandId): CommandInfo {
  return commandList[id]
}

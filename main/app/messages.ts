/** The few words that the main process itself shows: the system menu and file dialogs. The page has all others. */
const languages = {
  en: {
    databases: 'SQLite databases',
    rowFiles: 'CSV and JSON lines',
    allFiles: 'All files',
    file: 'File',
    edit: 'Edit',
    view: 'View',
    window: 'Window',
    closeWindow: 'Close Window',
    quit: 'Quit Offloop',
    tray: {
      show: 'Show Offloop',
      pause: 'Pause All Pools',
      resume: 'Let All Pools Go On',
      more: (count: number) => `and ${count} more`,
      atWork: (running: number, waiting: number) =>
        waiting > 0 ? `${running} running, ${waiting} waiting` : `${running} running`,
    },
    told: {
      done: 'Done',
      failed: 'Failed',
      asks: 'Waiting for input',
      quiet: (time: string) => `No output for ${time}`,
      batch: 'A batch has ended',
      more: (count: number) => `${count} more`,
      counts: (done: number, notDone: number) =>
        notDone === 0 ? `${done} done` : `${done} done, ${notDone} not`,
      took: (time: string) => `after ${time}`,
      exitCode: (code: number) => `exit code ${code}`,
      seconds: (count: number) => `${count} s`,
      minutes: (count: number) => `${count} min`,
      hours: (count: number, minutes: number) => `${count} h ${minutes} min`,
    },
    stillAtWork: (count: number) =>
      count === 1 ? 'A run has not ended yet.' : `${count} runs have not ended yet.`,
    stillAtWorkDetail:
      'Commands go on without Offloop and are taken over at the next start, queries and imports do not. ' +
      'Whatever waits is kept for the next start.',
    keepInBackground: 'Keep Running in the Background',
    leaveRunning: 'Leave Them Running and Quit',
    stopAndQuit: 'Stop Them and Quit',
    stay: 'Cancel',
    rememberLeaving: 'Do this from now on (the settings can change it)',
  },
  'zh-CN': {
    databases: 'SQLite 数据库',
    rowFiles: 'CSV 和 JSON 行',
    allFiles: '所有文件',
    file: '文件',
    edit: '编辑',
    view: '视图',
    window: '窗口',
    closeWindow: '关闭窗口',
    quit: '退出 Offloop',
    tray: {
      show: '显示 Offloop',
      pause: '暂停所有池',
      resume: '恢复所有池',
      more: (count: number) => `另有 ${count} 个`,
      atWork: (running: number, waiting: number) =>
        waiting > 0 ? `${running} 个正在运行，${waiting} 个等待中` : `${running} 个正在运行`,
    },
    told: {
      done: '已完成',
      failed: '失败',
      asks: '等待输入',
      quiet: (time: string) => `${time}没有输出`,
      batch: '一个批次已结束',
      more: (count: number) => `另有 ${count} 项`,
      counts: (done: number, notDone: number) =>
        notDone === 0 ? `完成 ${done} 个` : `完成 ${done} 个，未完成 ${notDone} 个`,
      took: (time: string) => `用时 ${time}`,
      exitCode: (code: number) => `退出码 ${code}`,
      seconds: (count: number) => `${count} 秒`,
      minutes: (count: number) => `${count} 分钟`,
      hours: (count: number, minutes: number) => `${count} 小时 ${minutes} 分钟`,
    },
    stillAtWork: (count: number) => `还有 ${count} 个运行尚未结束。`,
    stillAtWorkDetail:
      '命令会脱离 Offloop 继续运行，下次启动时重新接管；查询和导入则不会。等待中的运行会保留到下次启动。',
    keepInBackground: '在后台继续运行',
    leaveRunning: '让它们继续并退出',
    stopAndQuit: '全部停止并退出',
    stay: '取消',
    rememberLeaving: '以后都这样做（可在设置中更改）',
  },
} as const

export type Language = keyof typeof languages
type Words = (typeof languages)[Language]
let current: Language = 'en'

/** Takes over the language that the page has settled on. */
export function useLanguage(language: Language): void {
  current = language
}

/** The words of the current language. */
export function messages(): Words {
  return languages[current]
}

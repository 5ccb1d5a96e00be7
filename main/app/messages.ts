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
    quit: 'Quit Offloop',
  },
  'zh-CN': {
    databases: 'SQLite 数据库',
    rowFiles: 'CSV 和 JSON 行',
    allFiles: '所有文件',
    file: '文件',
    edit: '编辑',
    view: '视图',
    window: '窗口',
    quit: '退出 Offloop',
  },
} as const

export type Language = keyof typeof languages
let current: Language = 'en'

/** Takes over the language that the page has settled on. */
export function useLanguage(language: Language): void {
  current = language
}

/** The words of the current language. */
export function messages(): (typeof languages)[Language] {
  return languages[current]
}

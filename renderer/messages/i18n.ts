import { computed } from 'vue'
import { createI18n } from 'vue-i18n'
import { en } from './en.ts'
import { zhCN } from './zh-cn.ts'

/** The languages of the window, as BCP 47 names them. */
export type Language = 'en' | 'zh-CN'

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en, 'zh-CN': zhCN },
})

/** The language that is shown. */
export const language = computed<Language>(() => (i18n.global.locale.value === 'zh-CN' ? 'zh-CN' : 'en'))

/** Shows the window in a language, at once. */
export function showLanguage(next: Language): void {
  i18n.global.locale.value = next
  document.documentElement.lang = next
}

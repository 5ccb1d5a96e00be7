import { app } from 'electron'
import { useLanguage } from '../messages.ts'
import type { DesktopFeed } from './follow-desktop.ts'

/** Shows main's own words in the language of the settings also while there is no window, which else says which that is. */
export function followLanguage(feed: DesktopFeed): void {
  feed.onChanged(({ settings: { language } }) => {
    const system = app.getLocale().startsWith('zh') ? 'zh-CN' : 'en'
    useLanguage(language === 'system' ? system : language)
  })
}

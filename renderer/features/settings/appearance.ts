import { computed, watch } from 'vue'
import { z } from 'zod'
import { defaultSettings, settings, type Settings } from '#contract/settings.ts'
import { chosenKeys } from '../../commands/chosen-keys.ts'
import { askApp, askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { workspace } from '../../ipc/workspace.ts'
import { showLanguage, type Language } from '../../messages/i18n.ts'
import { t } from '../../messages/words.ts'
import { showError } from '../../ui/toasts.ts'

/** Where the page keeps what was chosen last, so that a window opens in its colours before the service has answered. */
const LAST_CHOSEN = 'offloop.settings'

/** What is chosen now. */
export const chosenSettings = computed<Settings>(() => workspace.value?.settings ?? lastChosen())

const systemIsDark = matchMedia('(prefers-color-scheme: dark)')

/** Starts showing the window in the chosen theme and language, with the chosen shortcuts, now and whenever they change. */
export function applyAppearance(): void {
  watch(
    chosenSettings,
    (next) => {
      show(next)
      localStorage.setItem(LAST_CHOSEN, JSON.stringify(next))
    },
    { immediate: true },
  )
  systemIsDark.addEventListener('change', () => show(chosenSettings.value))
}

/** Changes a setting, or says why it could not be kept. */
export async function changeSettings(changes: Partial<Settings>): Promise<void> {
  try {
    await askService('settings.write', changes)
  } catch (error) {
    showError(t('settings.failed'), messageOf(error))
  }
}

function show({ theme, language, keys }: Settings): void {
  chosenKeys.value = keys
  const isDark = theme === 'system' ? systemIsDark.matches : theme === 'dark'
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
  const shown = language === 'system' ? systemLanguage() : language
  showLanguage(shown)
  // Main shows its few words in the same language. Where it has ended, this page is about to end as well.
  askApp('language.use', { language: shown }).catch(() => undefined)
}

function systemLanguage(): Language {
  const first = navigator.languages.find((each) => /^(?:en|zh)\b/u.test(each))
  return first?.startsWith('zh') ? 'zh-CN' : 'en'
}

const kept = z.string().transform((text, context) => {
  try {
    // Those that this version has and the one that wrote them had not have their defaults.
    return settings.parse({
      ...defaultSettings,
      ...z.record(z.string(), z.unknown()).parse(JSON.parse(text)),
    })
  } catch {
    context.addIssue({ code: 'custom', message: 'not settings' })
    return z.NEVER
  }
})

function lastChosen(): Settings {
  return kept.safeParse(localStorage.getItem(LAST_CHOSEN)).data ?? defaultSettings
}

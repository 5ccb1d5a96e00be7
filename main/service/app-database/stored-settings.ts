import { defaultSettings, settings as settingsShape, type Settings } from '#contract/settings.ts'
import type { AppDatabase } from './client.ts'

/** The person's settings, as they are kept. */
export interface StoredSettings {
  /** All of them; those that were never written, or do not fit any more, have their defaults. */
  read(): Promise<Settings>
  /** Changes some and answers all. */
  write(changes: { readonly [K in keyof Settings]?: Settings[K] | undefined }): Promise<Settings>
}

/** @param onTrouble is told of stored values that do not fit, in whose place the default is used. */
export function storedSettings(database: AppDatabase, onTrouble: (message: string) => void): StoredSettings {
  async function read(): Promise<Settings> {
    let settings = defaultSettings
    for (const { key, value } of await database.ask('setting.read')) {
      const parsed = settingsShape.safeParse({ ...settings, [key]: parseJson(value) })
      if (parsed.success) settings = parsed.data
      else onTrouble(`The setting "${key}" is not stored as it should be; its default is used.`)
    }
    return settings
  }
  return {
    read,
    async write(changes) {
      const changed = Object.entries(changes).filter(([, value]) => value !== undefined)
      await database.ask('setting.write', {
        settings: changed.map(([key, value]) => ({ key, value: JSON.stringify(value) })),
      })
      return read()
    },
  }
}

/** The parsed text, or undefined when it is not JSON: the validator then refuses it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

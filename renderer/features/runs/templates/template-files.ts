import { MAX_TEMPLATE_FILE_BYTES, templatesIn, withoutSecrets } from '#contract/template/template-file.ts'
import type { Template } from '#contract/template/template.ts'
import { askApp, askService } from '../../../ipc/ask.ts'
import { messageOf } from '../../../ipc/message-of.ts'
import { t, tCount } from '../../../messages/words.ts'
import { formatCount } from '../../../ui/format/number.ts'
import { showDone, showError } from '../../../ui/toasts.ts'
import { freeName } from './free-name.ts'

/** Writes a template to a file that the person chooses, as `offloop template save --from` reads it. */
export async function saveToFile(template: Template): Promise<void> {
  try {
    const { path } = await askApp('dialog.saveFile', {
      name: `${template.name.replaceAll(/[/\\:*?"<>|]/gu, '_')}.json`,
    })
    if (path === null) return
    const shared = withoutSecrets(template)
    await askApp('text.save', { to: path, text: `${JSON.stringify(shared, null, 2)}\n` })
    const isWhole =
      Object.keys(shared.command.environment).length === Object.keys(template.command.environment).length
    showDone(t(isWhole ? 'templates.written' : 'templates.writtenWithoutSecrets', { path }))
  } catch (error) {
    showError(t('templates.writeFailed'), messageOf(error))
  }
}

/** Keeps the templates of a file; one whose name is taken gets a number. */
export async function keepFromFile(file: File, taken: readonly string[]): Promise<void> {
  try {
    const templates = file.size > MAX_TEMPLATE_FILE_BYTES ? undefined : templatesIn(await file.text())
    if (!templates) return showError(t('templates.noFile', { file: file.name }), t('templates.noFileHint'))
    const names = new Set(taken)
    for (const template of templates) {
      const name = freeName(template.name, names)
      await askService('template.save', { template: { ...template, name } })
      names.add(name)
    }
    showDone(tCount('templates.taken', templates.length, formatCount(templates.length)))
  } catch (error) {
    showError(t('templates.saveFailed'), messageOf(error))
  }
}

import type { Database } from 'better-sqlite3'

/** A template as the app database has it: its content as JSON text, not yet validated. */
export interface TemplateRow {
  readonly name: string
  readonly content: string
}

export function templateOperations(db: Database) {
  const list = db.prepare<[], TemplateRow>('SELECT name, content FROM templates ORDER BY name')
  const write = db.prepare<[string, string]>('INSERT INTO templates (name, content) VALUES (?, ?)')
  const remove = db.prepare<[string]>('DELETE FROM templates WHERE name = ?')

  return {
    'template.list'(): TemplateRow[] {
      return list.all()
    },
    /** Writes a template, instead of the one that `replaces` names. */
    'template.save'({ replaces, ...row }: TemplateRow & { readonly replaces: string | null }): void {
      if (replaces !== null) remove.run(replaces)
      write.run(row.name, row.content)
    },
    'template.delete'({ name }: { readonly name: string }): void {
      remove.run(name)
    },
  }
}

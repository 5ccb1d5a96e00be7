import type { RunId } from '#contract/run.ts'
import type { CopyFormat } from '#contract/transfer.ts'
import { provideCommands, type Action } from '../../commands/registry.ts'
import type { GridRange } from '../../ui/grid/grid-selection.ts'
import { copyCells } from './copy-cells.ts'

export interface CopySource {
  /** The cells that are selected, and the run whose rows they are of. */
  selected(): { readonly runId: RunId; readonly range: GridRange } | undefined
  /** The table that INSERT statements name. */
  table(): string
  enabled(): boolean
}

/** Provides the commands that copy the selected cells, in every form. */
export function provideCopyCommands({ selected, table, enabled }: CopySource): void {
  const as = (format: () => CopyFormat): Action => ({
    run() {
      const cells = selected()
      if (cells) void copyCells(cells.runId, cells.range, format())
    },
    enabled,
  })
  provideCommands({
    'result.copy': as(() => ({ kind: 'tsv', header: false })),
    'result.copyWithNames': as(() => ({ kind: 'tsv', header: true })),
    'result.copyCsv': as(() => ({ kind: 'csv', header: true })),
    'result.copyCsvRows': as(() => ({ kind: 'csv', header: false })),
    'result.copyJson': as(() => ({ kind: 'json' })),
    'result.copyJsonLines': as(() => ({ kind: 'jsonl' })),
    'result.copyMarkdown': as(() => ({ kind: 'markdown' })),
    'result.copySql': as(() => ({ kind: 'sql', table: table() })),
  })
}

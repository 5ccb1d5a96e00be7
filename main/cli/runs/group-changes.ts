import type { OutputChange } from '#contract/output-diff.ts'

/** Changes that are shown together, with the lines around them: first line and count in both outputs, from 0. */
export interface ChangeGroup {
  readonly before: { readonly from: number; readonly count: number }
  readonly after: { readonly from: number; readonly count: number }
  readonly changes: readonly OutputChange[]
}

/**
 * Puts changes together whose surroundings touch, as `diff -u` does.
 * @param context lines before and after.
 * @param lengths of both outputs, in lines; asked only for the last group.
 */
export async function* groupChanges(
  changes: AsyncIterable<OutputChange>,
  context: number,
  lengths: () => Promise<{ readonly before: number; readonly after: number }>,
): AsyncGenerator<ChangeGroup> {
  let group: OutputChange[] = []
  for await (const change of changes) {
    const last = group.at(-1)
    if (last && change[0] - (last[0] + last[1]) > 2 * context) {
      yield around(group, context)
      group = []
    }
    group.push(change)
  }
  if (group.length === 0) return
  const { before, after } = await lengths()
  yield around(group, context, before, after)
}

function around(
  changes: readonly OutputChange[],
  context: number,
  lines = Infinity,
  otherLines = Infinity,
): ChangeGroup {
  const [first, last] = [changes[0], changes.at(-1)]
  if (!first || !last) throw new Error('unreachable')
  const lead = Math.min(context, first[0], first[2])
  const from = first[0] - lead
  const otherFrom = first[2] - lead
  const trail = Math.min(context, lines - last[0] - last[1], otherLines - last[2] - last[3])
  return {
    before: { from, count: last[0] + last[1] + trail - from },
    after: { from: otherFrom, count: last[2] + last[3] + trail - otherFrom },
    changes,
  }
}

import type { PlanStep } from '#contract/database.ts'

/** A step of a plan as it is shown. */
export interface PlanNode {
  readonly step: PlanStep
  /** How deep it stands in the tree; 0 at the top. */
  readonly depth: number
  /** It builds a temporary b-tree, as for a sort that no index can do. */
  readonly sorts: boolean
}

/** Steps as lines of a tree, each behind the one that it is a part of. */
export function planNodes(steps: readonly PlanStep[]): PlanNode[] {
  const ids = new Set(steps.map(({ id }) => id))
  const children = new Map<number, PlanStep[]>()
  for (const step of steps) {
    const parent = ids.has(step.parent) ? step.parent : 0
    children.set(parent, [...(children.get(parent) ?? []), step])
  }
  const nodes: PlanNode[] = []
  const seen = new Set<PlanStep>()

  function add(parent: number, depth: number): void {
    for (const step of children.get(parent) ?? []) {
      // An engine's own numbers may not go round in a circle, and must not here if they do.
      if (seen.has(step)) continue
      seen.add(step)
      nodes.push({ step, depth, sorts: /\bTEMP B-TREE\b|^(?:Incremental )?Sort\b/.test(step.detail) })
      add(step.id, depth + 1)
    }
  }
  add(0, 0)
  return nodes
}

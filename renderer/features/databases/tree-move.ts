import type { TreeNode } from './tree-nodes.ts'

/** Where the keyboard goes in the tree, as trees do it. */
export type TreeMove =
  | { readonly kind: 'go'; readonly index: number }
  | { readonly kind: 'unfold'; readonly key: string }
  | { readonly kind: 'fold'; readonly key: string }

/** What an arrow key does on a line; undefined when the key is none of the tree's. */
export function treeMove(nodes: readonly TreeNode[], index: number, key: string): TreeMove | undefined {
  const node = nodes[index]
  const go = (to: number): TreeMove => ({ kind: 'go', index: Math.min(Math.max(0, to), nodes.length - 1) })
  switch (key) {
    case 'ArrowDown':
      return go(index + 1)
    case 'ArrowUp':
      return go(index - 1)
    case 'Home':
      return go(0)
    case 'End':
      return go(nodes.length - 1)
    case 'ArrowRight':
      if (!node || !('open' in node)) return undefined
      return node.open ? go(index + 1) : { kind: 'unfold', key: node.key }
    case 'ArrowLeft': {
      if (!node) return undefined
      if ('open' in node && node.open) return { kind: 'fold', key: node.key }
      const parent = nodes.slice(0, index).findLastIndex(({ level }) => level < node.level)
      return parent === -1 ? undefined : go(parent)
    }
    default:
      return undefined
  }
}

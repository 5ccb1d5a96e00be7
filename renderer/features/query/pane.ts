/** What the lower half of a query tab shows. */
export type Pane =
  | { readonly kind: 'result'; readonly key: number }
  | { readonly kind: 'plan' }
  | { readonly kind: 'messages' }
  /** Two results side by side. */
  | { readonly kind: 'compare' }

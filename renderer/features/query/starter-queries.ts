import type { MessageKey } from '../../messages/words.ts'

/** A query to begin with, on the sample database. */
export interface StarterQuery {
  readonly title: MessageKey
  readonly sql: string
}

export const starterQueries: readonly StarterQuery[] = [
  { title: 'query.starterAll', sql: 'SELECT * FROM order_items' },
  {
    title: 'query.starterJoin',
    sql: `SELECT substr(orders.ordered_at, 1, 7) AS month,
       count(DISTINCT orders.id) AS orders,
       round(sum(items.quantity * items.unit_price), 2) AS revenue
FROM orders
JOIN order_items AS items ON items.order_id = orders.id
GROUP BY month
ORDER BY month`,
  },
  {
    title: 'query.starterText',
    sql: `SELECT products.name, products.name_zh, reviews.stars, reviews.body, customers.name AS customer
FROM reviews
JOIN products ON products.id = reviews.product_id
LEFT JOIN customers ON customers.id = reviews.customer_id
ORDER BY reviews.written_at DESC
LIMIT 500`,
  },
  {
    title: 'query.starterEndless',
    sql: `WITH RECURSIVE counter(n) AS (
  SELECT 1
  UNION ALL
  SELECT n + 1 FROM counter
)
SELECT count(*) AS never FROM counter`,
  },
]

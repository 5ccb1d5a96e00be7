/**
 * The content of the sample database as SQL that makes each row from its number alone, so that it is the same on every
 * machine. `:first` and `:last` are the numbers of the rows to make.
 */

const CUSTOMERS = 24_000
const PRODUCTS = 1_200
const ORDERS = 320_000
const ORDER_ITEMS = 1_000_000
const REVIEWS = 60_000
const ATTACHMENTS = 800

/** First and last day of the orders, as days of Julius: 2019-01-01 and five and a half years. */
const FIRST_DAY = "julianday('2019-01-01')"
const DAYS = 2_009

export interface SampleTable {
  readonly rows: number
  readonly insert: string
}

/** A number from 0 to `below` that looks random: multiplicative hashing of the row's number with an odd `salt`. */
function pick(below: number, salt: number, row = 'n'): string {
  return `(((${row} * ${salt} + ${salt % 8191}) % 2147483647) * 48271 % 2147483647 % ${below})`
}

/** The word that the row's number picks out of a list. */
function word(list: readonly string[], salt: number, row = 'n'): string {
  const cases = list.map((text, index) => `WHEN ${index} THEN '${text.replaceAll("'", "''")}'`)
  return `CASE ${pick(list.length, salt, row)} ${cases.join(' ')} END`
}

const GIVEN = [
  'Ada',
  'Grace',
  'Alan',
  'Edsger',
  'Barbara',
  'Donald',
  'Frances',
  'Ken',
  'Radia',
  'Tony',
  'Zoë',
  'José',
]
const FAMILY = [
  'Walker',
  'Nguyen',
  'Müller',
  'Okafor',
  'Silva',
  'Haddad',
  "O'Brien",
  'Kowalski',
  'Larsen',
  'Rossi',
  'Singh',
  'Dubois',
]
const GIVEN_ZH = ['伟', '芳', '娜', '敏', '静', '丽', '强', '磊', '洋', '艳', '思远', '雨桐']
const FAMILY_ZH = ['王', '李', '张', '刘', '陈', '杨', '赵', '黄', '周', '吴', '欧阳', '司马']
const CITIES = [
  'London',
  'Berlin',
  'São Paulo',
  'Lagos',
  'Toronto',
  'Lyon',
  'Oslo',
  'Kraków',
  'Austin',
  'Cairo',
]
const CITIES_ZH = ['北京', '上海', '广州', '成都', '杭州', '西安', '武汉', '南京', '苏州', '厦门']
const ADJECTIVES = [
  'Compact',
  'Quiet',
  'Folding',
  'Northern',
  'Bright',
  'Everyday',
  'Travel',
  'Classic',
  'Heavy',
  'Little',
]
const THINGS = [
  'Lamp',
  'Kettle',
  'Notebook',
  'Backpack',
  'Chair',
  'Teapot',
  'Headphones',
  'Blanket',
  'Clock',
  'Bicycle Pump',
]
const THINGS_ZH = ['台灯', '水壶', '笔记本', '背包', '椅子', '茶壶', '耳机', '毛毯', '时钟', '打气筒']
const CATEGORIES = ['home', 'kitchen', 'office', 'outdoor', 'audio', 'travel']
const OPINIONS = [
  'Exactly as described; arrived two days early.',
  'Works, but the manual is only in tiny print.',
  'My second one. The first still runs after four years.',
  'Broke after a month. Support replaced it without a question.',
  'Smaller than I thought, which turned out to be an advantage.',
  '质量很好，物流也快，会再来买。',
  '包装有点破损，不过东西没问题。',
  '和图片一样，颜色比想象的深一点。',
  '用了三个月，没有任何问题。👍',
  '客服很耐心，退换都很方便。',
]

/** Tables without their indexes, which are quicker to make at the end. */
export const SAMPLE_SCHEMA = `
CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT,
  city TEXT NOT NULL,
  language TEXT NOT NULL CHECK (language IN ('en', 'zh')),
  joined_on TEXT NOT NULL,
  credit_limit REAL
);
CREATE TABLE products (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  category TEXT NOT NULL,
  price REAL NOT NULL,
  weight_grams INTEGER,
  discontinued_on TEXT
);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (id),
  ordered_at TEXT NOT NULL,
  shipped_at TEXT,
  status TEXT NOT NULL,
  note TEXT
);
CREATE TABLE order_items (
  id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders (id),
  product_id INTEGER NOT NULL REFERENCES products (id),
  quantity INTEGER NOT NULL,
  unit_price REAL NOT NULL,
  discount REAL
);
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (id),
  customer_id INTEGER REFERENCES customers (id),
  stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
  body TEXT,
  written_at TEXT NOT NULL
);
CREATE TABLE attachments (
  id INTEGER PRIMARY KEY,
  review_id INTEGER NOT NULL REFERENCES reviews (id),
  file_name TEXT NOT NULL,
  content BLOB
);
`

/** The rows :first to :last as a table of numbers. */
const NUMBERS =
  'WITH RECURSIVE numbers (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)'

const IS_CHINESE = `${pick(5, 7919)} < 2`
/** The order of an item: a little more than three items each, in the order of the items. */
const ORDER_OF_ITEM = `(n - 1) * ${ORDERS} / ${ORDER_ITEMS} + 1`
const PRICE = (row: string): string => `round(3 + ${pick(19_700, 6151, row)} / 100.0, 2)`

export const SAMPLE_TABLES: readonly SampleTable[] = [
  {
    rows: CUSTOMERS,
    insert: `${NUMBERS} INSERT INTO customers SELECT n,
      CASE WHEN ${IS_CHINESE} THEN ${word(FAMILY_ZH, 104_729)} || ${word(GIVEN_ZH, 15_485_863)}
        ELSE ${word(GIVEN, 104_729)} || ' ' || ${word(FAMILY, 15_485_863)} END,
      CASE WHEN ${pick(9, 31_337)} = 0 THEN NULL ELSE 'customer' || n || '@example.com' END,
      CASE WHEN ${IS_CHINESE} THEN ${word(CITIES_ZH, 3_571)} ELSE ${word(CITIES, 3_571)} END,
      CASE WHEN ${IS_CHINESE} THEN 'zh' ELSE 'en' END,
      date(${FIRST_DAY} - 900 + n * ${DAYS + 880}.0 / ${CUSTOMERS}),
      CASE WHEN ${pick(4, 5_381)} = 0 THEN NULL ELSE 50.0 * (1 + ${pick(100, 8_011)}) END
      FROM numbers`,
  },
  {
    rows: PRODUCTS,
    insert: `${NUMBERS} INSERT INTO products SELECT n, printf('SKU-%05d', n),
      ${word(ADJECTIVES, 2_741)} || ' ' || ${word(THINGS, 9_973)} || printf(' %d', n), ${word(THINGS_ZH, 9_973)} || n,
      ${word(CATEGORIES, 1_299_709)}, ${PRICE('n')},
      CASE WHEN ${pick(11, 4_253)} = 0 THEN NULL ELSE 20 + ${pick(9_000, 4_127)} END,
      CASE WHEN ${pick(14, 1_709)} = 0 THEN date(${FIRST_DAY} + ${pick(DAYS, 2_203)}) END
      FROM numbers`,
  },
  {
    rows: ORDERS,
    insert: `${NUMBERS}, dated AS (SELECT n, ${FIRST_DAY} + (n - 1) * ${DAYS}.0 / ${ORDERS} AS day, ${pick(20, 2_411)} AS fate FROM numbers)
      INSERT INTO orders SELECT n, 1 + ${pick(CUSTOMERS, 7_368_787)},
      datetime(day),
      CASE WHEN fate < 18 THEN datetime(day + 0.2 + ${pick(400, 1_627)} / 100.0) END,
      CASE WHEN fate < 17 THEN 'delivered' WHEN fate < 18 THEN 'shipped' WHEN fate < 19 THEN 'pending' ELSE 'cancelled' END,
      CASE ${pick(40, 6_007)} WHEN 0 THEN 'Leave it with the neighbours' WHEN 1 THEN '请放在门口' WHEN 2 THEN '' END
      FROM dated`,
  },
  {
    rows: ORDER_ITEMS,
    insert: `${NUMBERS}, items AS (SELECT n, 1 + ${pick(PRODUCTS, 1_000_003)} AS product FROM numbers)
      INSERT INTO order_items SELECT n, ${ORDER_OF_ITEM}, product,
      1 + ${pick(4, 5_003)}, ${PRICE('product')},
      CASE WHEN ${pick(8, 9_311)} = 0 THEN (5 + 5 * ${pick(5, 2_203)}) / 100.0 END
      FROM items`,
  },
  {
    rows: REVIEWS,
    insert: `${NUMBERS} INSERT INTO reviews SELECT n, 1 + ${pick(PRODUCTS, 3_001)},
      CASE WHEN ${pick(10, 6_451)} = 0 THEN NULL ELSE 1 + ${pick(CUSTOMERS, 7_001)} END,
      CASE WHEN ${pick(10, 2_767)} < 6 THEN 5 - ${pick(2, 3_559)} ELSE 1 + ${pick(5, 4_409)} END,
      CASE WHEN ${pick(7, 1_151)} = 0 THEN NULL ELSE ${word(OPINIONS, 8_513)} END,
      datetime(${FIRST_DAY} + 20 + n * ${DAYS - 30}.0 / ${REVIEWS})
      FROM numbers`,
  },
  {
    rows: ATTACHMENTS,
    insert: `${NUMBERS} INSERT INTO attachments SELECT n, 1 + ${pick(REVIEWS, 60_013)},
      printf('photo-%04d.bmp', n),
      CASE WHEN ${pick(12, 3_301)} = 0 THEN NULL WHEN ${pick(12, 3_301)} = 1 THEN x''
        ELSE CAST('BM' || hex(n * ${2 ** 20}) || printf('%.*c', 40 + ${pick(400, 1_511)}, char(97 + n % 26)) AS BLOB) END
      FROM numbers`,
  },
]

/** Indexes, a view, and the statistics with which SQLite plans. */
export const SAMPLE_FINISH: readonly string[] = [
  'CREATE INDEX order_items_by_order ON order_items (order_id)',
  'CREATE INDEX orders_by_customer ON orders (customer_id, ordered_at)',
  'CREATE INDEX reviews_by_product ON reviews (product_id)',
  `CREATE VIEW monthly_sales AS
    SELECT substr(ordered_at, 1, 7) AS month, count(DISTINCT orders.id) AS orders,
      round(sum(quantity * unit_price * (1 - coalesce(discount, 0))), 2) AS revenue
    FROM orders JOIN order_items ON order_items.order_id = orders.id
    WHERE status <> 'cancelled' GROUP BY month ORDER BY month`,
  'ANALYZE',
]

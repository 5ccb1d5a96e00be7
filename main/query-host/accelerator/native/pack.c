#include "pack.h"
#include <string.h>
SQLITE_EXTENSION_INIT3

/* More than a value of fixed size takes in any form, with its tag and its NULL bit; for the estimate only. */
#define FIXED_VALUE_BYTES 9
/* Rows that a column has room for at first: 2,000 columns with room for all rows of a chunk would take 80 MB. */
#define FIRST_CAPACITY 64
/* A heap's first size: most columns of text fit after a few doublings. */
#define FIRST_HEAP_BYTES 4096

struct PackedColumn {
  /** FORM_INT64 stands for both forms of integers until the chunk is made. */
  int form;
  /** Every integer so far fits 32 bits. */
  int narrow;
  int has_nulls;
  /** Per row 8 bytes as in the mixed form; for texts and blobs instead rows + 1 offsets of 4 bytes, which is less. */
  union {
    void *any;
    int64_t *integers;
    double *reals;
    uint32_t *words;
  } values;
  uint8_t *tags;
  uint8_t *nulls;
  uint32_t capacity;
  uint8_t *heap;
  uint64_t heap_length;
  uint64_t heap_capacity;
  /** The heap's length before the row that is being added. */
  uint64_t heap_before;
};

int packer_open(Packer *packer, uint32_t column_count) {
  uint64_t size = sizeof(PackedColumn) * (uint64_t)column_count;
  packer->column_count = column_count;
  packer->rows = 0;
  packer->bytes = 0;
  packer->columns = sqlite3_malloc64(size);
  if (!packer->columns) return SQLITE_NOMEM;
  memset(packer->columns, 0, size);
  return SQLITE_OK;
}

void packer_close(Packer *packer) {
  if (!packer->columns) return;
  for (uint32_t index = 0; index < packer->column_count; index += 1) {
    PackedColumn *column = &packer->columns[index];
    sqlite3_free(column->values.any);
    sqlite3_free(column->tags);
    sqlite3_free(column->nulls);
    sqlite3_free(column->heap);
  }
  sqlite3_free(packer->columns);
  packer->columns = 0;
}

int packer_is_full(const Packer *packer) {
  return packer->rows >= MAX_CHUNK_ROWS || packer->bytes >= CHUNK_BYTES_GOAL;
}

/** Makes a piece of memory longer. @returns whether there was enough. */
static int grow(void **memory, uint64_t size) {
  void *grown = sqlite3_realloc64(*memory, size);
  if (!grown) return 0;
  *memory = grown;
  return 1;
}

/** Makes room for one more row; new rows are not NULL and have no tag. */
static int make_room(PackedColumn *column, uint32_t rows) {
  uint32_t old = column->capacity;
  uint32_t capacity = old ? old * 2 : FIRST_CAPACITY;
  if (rows < old) return SQLITE_OK;
  /* Also enough for the offsets of texts, of which there is one more than there are rows. */
  if (!grow(&column->values.any, (uint64_t)capacity * 8)) return SQLITE_NOMEM;
  if (!grow((void **)&column->tags, capacity)) return SQLITE_NOMEM;
  if (!grow((void **)&column->nulls, bitmap_bytes(capacity))) return SQLITE_NOMEM;
  memset(column->nulls + bitmap_bytes(old), 0, bitmap_bytes(capacity) - bitmap_bytes(old));
  column->capacity = capacity;
  return SQLITE_OK;
}

static void set_null(PackedColumn *column, uint32_t row) {
  column->nulls[row >> 3] |= (uint8_t)(1u << (row & 7));
  column->has_nulls = 1;
}

static int is_null(const PackedColumn *column, uint32_t row) {
  return (column->nulls[row >> 3] >> (row & 7)) & 1;
}

/** Gives a column its form when its first value comes after `rows` NULLs. */
static void begin_form(PackedColumn *column, int form, uint32_t rows) {
  column->form = form;
  column->narrow = 1;
  memset(column->values.any, 0, ((uint64_t)rows + 1) * 8);
  for (uint32_t row = 0; row < rows; row += 1) set_null(column, row);
}

/** Turns a column of one kind into a mixed one. */
static void mix(PackedColumn *column, uint32_t rows) {
  uint8_t tag = column->form == FORM_INT64     ? TAG_INTEGER
                : column->form == FORM_FLOAT64 ? TAG_REAL
                : column->form == FORM_TEXT    ? TAG_TEXT
                                               : TAG_BLOB;
  int in_heap = tag == TAG_TEXT || tag == TAG_BLOB;
  uint32_t *words = column->values.words;
  /* From the last row to the first: the 8 bytes of a row lie behind the offsets that are still to be read. */
  for (uint32_t row = rows; row-- > 0;) {
    int null = is_null(column, row);
    column->tags[row] = null ? TAG_NULL : tag;
    if (in_heap) {
      uint32_t start = words[row];
      uint32_t length = words[row + 1] - start;
      words[row * 2] = null ? 0 : start;
      words[row * 2 + 1] = null ? 0 : length;
    }
  }
  column->form = FORM_MIXED;
  column->has_nulls = 0;
}

static int append_to_heap(PackedColumn *column, const void *bytes, uint64_t length) {
  uint64_t needed = column->heap_length + length;
  /* Offsets are 32-bit, and no chunk may be longer than this. */
  if (needed > MAX_CHUNK_BYTES) return SQLITE_TOOBIG;
  if (needed > column->heap_capacity) {
    uint64_t capacity = column->heap_capacity ? column->heap_capacity * 2 : FIRST_HEAP_BYTES;
    while (capacity < needed) capacity *= 2;
    if (!grow((void **)&column->heap, capacity)) return SQLITE_NOMEM;
    column->heap_capacity = capacity;
  }
  if (length > 0) memcpy(column->heap + column->heap_length, bytes, length);
  column->heap_length = needed;
  return SQLITE_OK;
}

static int add_null(PackedColumn *column, uint32_t row) {
  switch (column->form) {
    case FORM_NULL:
      return SQLITE_OK;
    case FORM_MIXED:
      column->tags[row] = TAG_NULL;
      column->values.integers[row] = 0;
      return SQLITE_OK;
    case FORM_TEXT:
    case FORM_BLOB:
      column->values.words[row + 1] = column->values.words[row];
      set_null(column, row);
      return SQLITE_OK;
    default:
      column->values.integers[row] = 0;
      set_null(column, row);
      return SQLITE_OK;
  }
}

/** Makes sure that a column can take a value of this form. */
static void admit(PackedColumn *column, int form, uint32_t row) {
  if (column->form == FORM_NULL) begin_form(column, form, row);
  else if (column->form != form && column->form != FORM_MIXED) mix(column, row);
}

static void add_integer(PackedColumn *column, uint32_t row, int64_t value) {
  admit(column, FORM_INT64, row);
  if (column->form == FORM_MIXED) column->tags[row] = TAG_INTEGER;
  else if (value != (int32_t)value) column->narrow = 0;
  column->values.integers[row] = value;
}

static void add_real(PackedColumn *column, uint32_t row, double value) {
  admit(column, FORM_FLOAT64, row);
  if (column->form == FORM_MIXED) column->tags[row] = TAG_REAL;
  column->values.reals[row] = value;
}

static int add_bytes(PackedColumn *column, uint32_t row, int form, const void *bytes, uint64_t length) {
  uint64_t start = column->heap_length;
  int code = append_to_heap(column, bytes, length);
  if (code != SQLITE_OK) return code;
  admit(column, form, row);
  if (column->form == FORM_MIXED) {
    column->tags[row] = form == FORM_TEXT ? TAG_TEXT : TAG_BLOB;
    column->values.words[row * 2] = (uint32_t)start;
    column->values.words[row * 2 + 1] = (uint32_t)length;
  } else {
    column->values.words[row + 1] = (uint32_t)column->heap_length;
  }
  return SQLITE_OK;
}

/** @param bytes grows by what the value takes in a heap. */
static int add_value(PackedColumn *column, uint32_t row, sqlite3_value *value, uint64_t *bytes) {
  int code = make_room(column, row);
  if (code != SQLITE_OK) return code;
  column->heap_before = column->heap_length;
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      add_integer(column, row, sqlite3_value_int64(value));
      return SQLITE_OK;
    case SQLITE_FLOAT:
      add_real(column, row, sqlite3_value_double(value));
      return SQLITE_OK;
    case SQLITE_TEXT: {
      /* Before the length: it converts the text of a UTF-16 database. */
      const unsigned char *text = sqlite3_value_text(value);
      uint64_t length = (uint64_t)sqlite3_value_bytes(value);
      if (!text) return SQLITE_NOMEM;
      *bytes += length;
      return add_bytes(column, row, FORM_TEXT, text, length);
    }
    case SQLITE_BLOB: {
      const void *blob = sqlite3_value_blob(value);
      uint64_t length = (uint64_t)sqlite3_value_bytes(value);
      if (!blob && length > 0) return SQLITE_NOMEM;
      *bytes += length;
      return add_bytes(column, row, FORM_BLOB, blob, length);
    }
    default:
      return add_null(column, row);
  }
}

int packer_add(Packer *packer, sqlite3_stmt *statement) {
  uint64_t bytes = (uint64_t)packer->column_count * FIXED_VALUE_BYTES;
  uint64_t heap = 0;
  for (uint32_t index = 0; index < packer->column_count; index += 1) {
    /* One look-up for type and value. Such a value must not be read by two threads at once, and this is the only one. */
    sqlite3_value *value = sqlite3_column_value(statement, (int)index);
    int code = add_value(&packer->columns[index], packer->rows, value, &heap);
    /* All values of a chunk that is not full yet, and this row's, must fit together. */
    if (code == SQLITE_OK && packer->bytes + bytes + heap + CHUNK_BYTES_GOAL > MAX_CHUNK_BYTES) code = SQLITE_TOOBIG;
    if (code != SQLITE_OK) {
      for (uint32_t added = 0; added <= index; added += 1) {
        packer->columns[added].heap_length = packer->columns[added].heap_before;
      }
      return code;
    }
  }
  packer->bytes += bytes + heap;
  packer->rows += 1;
  return SQLITE_OK;
}

/** The sizes of a column's sections in a chunk of `rows`. */
typedef struct {
  int form;
  uint64_t nulls;
  uint64_t values;
  uint64_t tags;
  uint64_t heap;
  /** A heap may be there and empty. */
  int has_heap;
} Layout;

static Layout lay_out(const PackedColumn *column, uint32_t rows) {
  Layout layout = {column->form, 0, 0, 0, 0, 0};
  if (column->has_nulls) layout.nulls = bitmap_bytes(rows);
  switch (column->form) {
    case FORM_NULL:
      return layout;
    case FORM_INT64:
      if (column->narrow) layout.form = FORM_INT32;
      layout.values = (uint64_t)rows * (column->narrow ? 4 : 8);
      return layout;
    case FORM_TEXT:
    case FORM_BLOB:
      layout.values = ((uint64_t)rows + 1) * 4;
      layout.heap = column->heap_length;
      layout.has_heap = 1;
      return layout;
    case FORM_MIXED:
      layout.tags = rows;
      layout.values = (uint64_t)rows * 8;
      layout.heap = column->heap_length;
      for (uint32_t row = 0; row < rows && !layout.has_heap; row += 1) layout.has_heap = column->tags[row] >= TAG_TEXT;
      return layout;
    default:
      layout.values = (uint64_t)rows * 8;
      return layout;
  }
}

static uint64_t laid_out_bytes(const Layout *layout) {
  return aligned(layout->nulls) + aligned(layout->values) + aligned(layout->tags) + aligned(layout->heap);
}

/** Writes a section. @returns where it begins. */
static uint32_t place(unsigned char *chunk, uint64_t *next, const void *bytes, uint64_t size) {
  uint64_t start = *next;
  *next = aligned(start + size);
  if (size > 0) memcpy(chunk + start, bytes, size);
  memset(chunk + start + size, 0, *next - start - size);
  return (uint32_t)start;
}

static uint32_t place_narrow(unsigned char *chunk, uint64_t *next, const int64_t *integers, uint32_t rows) {
  uint64_t start = *next;
  int32_t *target = (int32_t *)(void *)(chunk + start);
  for (uint32_t row = 0; row < rows; row += 1) target[row] = (int32_t)integers[row];
  if (rows & 1) target[rows] = 0;
  *next = aligned(start + (uint64_t)rows * 4);
  return (uint32_t)start;
}

static void begin_anew(Packer *packer) {
  for (uint32_t index = 0; index < packer->column_count; index += 1) {
    PackedColumn *column = &packer->columns[index];
    column->form = FORM_NULL;
    column->heap_length = 0;
    column->has_nulls = 0;
    /* Not only when there are some: those of a column that became mixed are still there. */
    if (column->nulls) memset(column->nulls, 0, bitmap_bytes(column->capacity));
  }
  packer->rows = 0;
  packer->bytes = 0;
}

unsigned char *packer_finish(Packer *packer, uint64_t *length) {
  uint32_t rows = packer->rows;
  uint64_t next = aligned(CHUNK_HEADER_BYTES + (uint64_t)packer->column_count * COLUMN_ENTRY_BYTES);
  uint64_t size = next;
  for (uint32_t index = 0; index < packer->column_count; index += 1) {
    Layout layout = lay_out(&packer->columns[index], rows);
    size += laid_out_bytes(&layout);
  }
  unsigned char *chunk = sqlite3_malloc64(size);
  if (!chunk) return 0;
  uint32_t *words = (uint32_t *)(void *)chunk;
  words[0] = CHUNK_MAGIC;
  words[1] = rows;
  words[2] = packer->column_count;
  words[3] = (uint32_t)size;
  for (uint32_t index = 0; index < packer->column_count; index += 1) {
    const PackedColumn *column = &packer->columns[index];
    Layout layout = lay_out(column, rows);
    uint32_t *entry = words + (CHUNK_HEADER_BYTES + index * COLUMN_ENTRY_BYTES) / 4;
    memset(entry, 0, COLUMN_ENTRY_BYTES);
    entry[0] = (uint32_t)layout.form;
    if (layout.nulls) entry[1] = place(chunk, &next, column->nulls, layout.nulls);
    if (layout.form == FORM_INT32) entry[2] = place_narrow(chunk, &next, column->values.integers, rows);
    else if (layout.values) entry[2] = place(chunk, &next, column->values.any, layout.values);
    if (layout.tags) entry[3] = place(chunk, &next, column->tags, layout.tags);
    if (layout.has_heap) entry[4] = place(chunk, &next, column->heap, layout.heap);
    entry[5] = (uint32_t)layout.heap;
  }
  *length = size;
  begin_anew(packer);
  return chunk;
}

#include "chunk.h"
#include <string.h>
SQLITE_EXTENSION_INIT3

static uint32_t word_at(const unsigned char *bytes, uint64_t index) {
  uint32_t word;
  memcpy(&word, bytes + index * 4, 4);
  return word;
}

int is_chunk(const unsigned char *bytes, uint64_t length, uint32_t rows, uint32_t columns) {
  if (length < CHUNK_HEADER_BYTES || length % 8 != 0 || length > MAX_CHUNK_BYTES) return 0;
  if (word_at(bytes, 0) != CHUNK_MAGIC || word_at(bytes, 3) != length) return 0;
  if (word_at(bytes, 1) != rows || rows > MAX_CHUNK_ROWS || word_at(bytes, 2) != columns) return 0;
  return aligned(CHUNK_HEADER_BYTES + (uint64_t)columns * COLUMN_ENTRY_BYTES) <= length;
}

/** A section of the chunk; null, and `fits` becomes 0, when it does not lie between the list of columns and the end. */
static const uint8_t *section(const unsigned char *bytes, uint32_t start, uint64_t size, int *fits) {
  uint64_t first = aligned(CHUNK_HEADER_BYTES + (uint64_t)word_at(bytes, 2) * COLUMN_ENTRY_BYTES);
  if (size == 0) return bytes;
  if (start % 8 == 0 && start >= first && start + size <= word_at(bytes, 3)) return bytes + start;
  *fits = 0;
  return 0;
}

int open_chunk_column(const unsigned char *bytes, uint32_t index, ChunkColumn *column) {
  uint32_t rows = word_at(bytes, 1);
  uint64_t entry = (CHUNK_HEADER_BYTES + (uint64_t)index * COLUMN_ENTRY_BYTES) / 4;
  uint32_t nulls = word_at(bytes, entry + 1);
  uint32_t values = word_at(bytes, entry + 2);
  int fits = 1;
  memset(column, 0, sizeof(ChunkColumn));
  column->form = (int)word_at(bytes, entry);
  if (column->form == FORM_NULL) return 1;
  if (nulls != 0 && column->form != FORM_MIXED) column->nulls = section(bytes, nulls, bitmap_bytes(rows), &fits);
  switch (column->form) {
    case FORM_INT32:
      column->values = section(bytes, values, (uint64_t)rows * 4, &fits);
      return fits;
    case FORM_INT64:
    case FORM_FLOAT64:
      column->values = section(bytes, values, (uint64_t)rows * 8, &fits);
      return fits;
    case FORM_TEXT:
    case FORM_BLOB:
      column->values = section(bytes, values, ((uint64_t)rows + 1) * 4, &fits);
      break;
    case FORM_MIXED:
      column->values = section(bytes, values, (uint64_t)rows * 8, &fits);
      column->tags = section(bytes, word_at(bytes, entry + 3), rows, &fits);
      break;
    default:
      return 0;
  }
  column->heap_length = word_at(bytes, entry + 5);
  column->heap = section(bytes, word_at(bytes, entry + 4), column->heap_length, &fits);
  return fits;
}

static int result_bytes(sqlite3_context *context, const ChunkColumn *column, int text, uint64_t start, uint64_t length) {
  if (start + length > column->heap_length) return 0;
  const void *bytes = column->heap + start;
  /* Copied: the chunk is replaced when the cursor goes on, and SQLite may keep the value. */
  if (text) sqlite3_result_text64(context, bytes, length, SQLITE_TRANSIENT, SQLITE_UTF8);
  else if (length == 0) sqlite3_result_zeroblob(context, 0);
  else sqlite3_result_blob64(context, bytes, length, SQLITE_TRANSIENT);
  return 1;
}

static int result_integer(sqlite3_context *context, const uint8_t *bytes) {
  int64_t value;
  memcpy(&value, bytes, sizeof(value));
  sqlite3_result_int64(context, value);
  return 1;
}

static int result_real(sqlite3_context *context, const uint8_t *bytes) {
  double value;
  memcpy(&value, bytes, sizeof(value));
  sqlite3_result_double(context, value);
  return 1;
}

int result_chunk_value(sqlite3_context *context, const ChunkColumn *column, uint32_t row) {
  if (column->nulls && ((column->nulls[row >> 3] >> (row & 7)) & 1)) return 1;
  switch (column->form) {
    case FORM_NULL:
      return 1;
    case FORM_INT32:
      sqlite3_result_int64(context, (int32_t)word_at(column->values, row));
      return 1;
    case FORM_INT64:
      return result_integer(context, column->values + (uint64_t)row * 8);
    case FORM_FLOAT64:
      return result_real(context, column->values + (uint64_t)row * 8);
    case FORM_TEXT:
    case FORM_BLOB: {
      uint32_t start = word_at(column->values, row);
      uint32_t end = word_at(column->values, (uint64_t)row + 1);
      return start <= end && result_bytes(context, column, column->form == FORM_TEXT, start, end - start);
    }
    case FORM_MIXED:
      switch (column->tags[row]) {
        case TAG_NULL:
          return 1;
        case TAG_INTEGER:
          return result_integer(context, column->values + (uint64_t)row * 8);
        case TAG_REAL:
          return result_real(context, column->values + (uint64_t)row * 8);
        case TAG_TEXT:
        case TAG_BLOB:
          return result_bytes(
            context, column, column->tags[row] == TAG_TEXT, word_at(column->values, (uint64_t)row * 2),
            word_at(column->values, (uint64_t)row * 2 + 1)
          );
        default:
          return 0;
      }
    default:
      return 0;
  }
}

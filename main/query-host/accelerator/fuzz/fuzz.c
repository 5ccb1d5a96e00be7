/*
 * Tries the extension with random tables, statements, misuse, damaged files and failing memory, in a program of its own
 * that is compiled with AddressSanitizer and UndefinedBehaviorSanitizer: those end it at the first wrong access.
 *
 *   fuzz <seed> <rounds> <folder for its files>
 *
 * It prints what it did, and ends with 1 when a value came back changed.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sqlite3.h"
#include "../native/checksum.h"
#include "../native/chunk-format.h"

int sqlite3_extension_init(sqlite3 *db, char **message, const sqlite3_api_routines *api);

#define MAX_COLUMNS 6
#define MAX_VALUE_BYTES 40
/* A connection with so short a limit hands chunks out in pieces. */
#define SHORT_LIMIT 500
#define MUTANTS_PER_ROUND 40
#define MISUSES_PER_ROUND 60

static char path[512];
static unsigned long long state;

/** xorshift64*, Vigna 2014. */
static unsigned random_below(unsigned bound) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (unsigned)((state * 2685821657736338717ULL) >> 33) % bound;
}

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

/* Memory that fails on demand: the allocator of SQLite, with a countdown before it. */
static sqlite3_mem_methods system_memory;
static long countdown = -1;
static int failed;

static int is_refused(void) {
  if (countdown < 0) return 0;
  if (countdown > 0) {
    countdown -= 1;
    return 0;
  }
  failed = 1;
  return 1;
}
static void *failing_malloc(int size) {
  return is_refused() ? 0 : system_memory.xMalloc(size);
}
static void *failing_realloc(void *memory, int size) {
  return is_refused() ? 0 : system_memory.xRealloc(memory, size);
}

static void install_memory(void) {
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &system_memory);
  sqlite3_mem_methods failing = system_memory;
  failing.xMalloc = failing_malloc;
  failing.xRealloc = failing_realloc;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
  /* Small pieces out of a pool of their own would hide accesses beyond their end. */
  sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
}

/** Runs a statement and gives one value of it back. @returns the code of the statement; SQLITE_OK when all was well. */
static int ask(sqlite3 *db, sqlite3_value **answer, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *sql = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  if (!sql) return SQLITE_NOMEM;
  sqlite3_stmt *statement = 0;
  int code = sqlite3_prepare_v2(db, sql, -1, &statement, 0);
  sqlite3_free(sql);
  if (code != SQLITE_OK) return code;
  int got = 0;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    if (answer && !got) *answer = sqlite3_value_dup(sqlite3_column_value(statement, 0));
    if (answer && !got && !*answer) {
      sqlite3_finalize(statement);
      return SQLITE_NOMEM;
    }
    got = 1;
    /* Every column, as a reader would. */
    for (int column = 0; column < sqlite3_column_count(statement); column += 1) {
      sqlite3_column_blob(statement, column);
      sqlite3_column_bytes(statement, column);
    }
  }
  int finalized = sqlite3_finalize(statement);
  return code == SQLITE_DONE ? SQLITE_OK : finalized != SQLITE_OK ? finalized : code;
}

static sqlite3 *open_database(int results) {
  sqlite3 *db = 0;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) {
    sqlite3_close(db);
    return 0;
  }
  int code = sqlite3_extension_init(db, 0, 0);
  if (code == SQLITE_OK_LOAD_PERMANENTLY) code = ask(db, 0, "SELECT offloop_settle(NULL, %d)", results);
  if (code == SQLITE_OK) return db;
  sqlite3_close(db);
  return 0;
}

static void random_bytes(unsigned char *bytes, unsigned length) {
  for (unsigned at = 0; at < length; at += 1) bytes[at] = (unsigned char)random_below(256);
}

static void bind_random(sqlite3_stmt *insert, int index, unsigned kind) {
  static const sqlite3_int64 edges[] = {0, -1, 2147483647, 2147483648LL, -2147483648LL, -2147483649LL, INT64_MAX, INT64_MIN};
  unsigned char bytes[MAX_VALUE_BYTES];
  unsigned length = random_below(MAX_VALUE_BYTES);
  random_bytes(bytes, length);
  if (kind == 5) kind = random_below(5);
  if (random_below(8) == 0) kind = 0;
  switch (kind) {
    case 1:
      sqlite3_bind_int64(insert, index, edges[random_below(8)]);
      break;
    case 2:
      sqlite3_bind_double(insert, index, random_below(4) ? (double)random_below(1000) / 8 : INFINITY);
      break;
    case 3:
      sqlite3_bind_text(insert, index, (const char *)bytes, (int)length, SQLITE_TRANSIENT);
      break;
    case 4:
      sqlite3_bind_blob(insert, index, bytes, (int)length, SQLITE_TRANSIENT);
      break;
    default:
      sqlite3_bind_null(insert, index);
  }
}

/** Makes a table of random values. @returns its columns. */
static int fill(sqlite3 *db, unsigned rows) {
  unsigned kinds[MAX_COLUMNS];
  int columns = 1 + (int)random_below(MAX_COLUMNS);
  sqlite3_str *create = sqlite3_str_new(db);
  sqlite3_str *insert = sqlite3_str_new(db);
  for (int column = 0; column < columns; column += 1) {
    kinds[column] = random_below(6);
    sqlite3_str_appendf(create, "%sc%d", column ? ", " : "CREATE TABLE t (", column);
    sqlite3_str_appendf(insert, "%s?", column ? ", " : "INSERT INTO t VALUES (");
  }
  sqlite3_str_appendall(create, ")");
  sqlite3_str_appendall(insert, ")");
  char *sql = sqlite3_str_finish(create);
  sqlite3_exec(db, sql, 0, 0, 0);
  sqlite3_free(sql);
  sql = sqlite3_str_finish(insert);
  sqlite3_stmt *statement = 0;
  sqlite3_prepare_v2(db, sql, -1, &statement, 0);
  sqlite3_free(sql);
  sqlite3_exec(db, "BEGIN", 0, 0, 0);
  for (unsigned row = 0; row < rows; row += 1) {
    for (int column = 0; column < columns; column += 1) bind_random(statement, column + 1, kinds[column]);
    sqlite3_step(statement);
    sqlite3_reset(statement);
  }
  sqlite3_exec(db, "COMMIT", 0, 0, 0);
  sqlite3_finalize(statement);
  return columns;
}

static FILE *open_file(const char *ending, const char *mode) {
  char name[600];
  snprintf(name, sizeof(name), "%s.%s", path, ending);
  FILE *file = fopen(name, mode);
  if (!file) fail("%s cannot be opened", name);
  return file;
}

static void put_word(unsigned char *bytes, size_t at, uint32_t value) {
  memcpy(bytes + at, &value, sizeof(value));
}
static void put_long(unsigned char *bytes, size_t at, uint64_t value) {
  memcpy(bytes + at, &value, sizeof(value));
}

/** The result that is being written. */
typedef struct {
  FILE *rows;
  FILE *index;
  uint64_t row_count;
} Writer;

static Writer begin_result(int columns) {
  Writer writer = {open_file("rows", "wb"), open_file("index", "wb"), 0};
  char json[64 * MAX_COLUMNS + 16] = "[";
  for (int column = 0; column < columns; column += 1) {
    snprintf(json + strlen(json), 64, "%s{\"name\":\"c%d\",\"declaredType\":null}", column ? "," : "", column);
  }
  strcat(json, "]");
  while (strlen(json) % 8) strcat(json, " ");
  unsigned char header[FILE_HEADER_BYTES];
  memcpy(header, FILE_MAGIC, 8);
  put_word(header, 8, (uint32_t)strlen(json));
  put_word(header, 12, checksum(json, strlen(json)));
  fwrite(header, 1, sizeof(header), writer.rows);
  fwrite(json, 1, strlen(json), writer.rows);
  return writer;
}

static void put_chunk(Writer *writer, const unsigned char *chunk, uint32_t length) {
  unsigned char frame[FRAME_BYTES];
  unsigned char entry[INDEX_ENTRY_BYTES];
  uint32_t rows;
  memcpy(&rows, chunk + 4, 4);
  put_word(frame, 0, CHUNK_FRAME_MAGIC);
  put_word(frame, 4, length);
  put_long(frame, 8, writer->row_count);
  put_word(frame, 16, rows);
  put_word(frame, 20, checksum(chunk, length));
  put_long(entry, 0, writer->row_count);
  put_long(entry, 8, (uint64_t)ftell(writer->rows));
  put_word(entry, 16, rows);
  put_word(entry, 20, length);
  put_word(entry, 24, checksum(chunk, length));
  put_word(entry, 28, checksum(entry, INDEX_ENTRY_CHECKED_BYTES));
  fwrite(frame, 1, sizeof(frame), writer->rows);
  fwrite(chunk, 1, length, writer->rows);
  fwrite(entry, 1, sizeof(entry), writer->index);
  writer->row_count += rows;
}

static void end_result(Writer *writer) {
  fclose(writer->rows);
  fclose(writer->index);
}

/** Collects the pieces of a chunk. @returns SQLITE_OK or why there is no whole one; the chunk is for free(). */
static int whole_chunk(sqlite3 *db, sqlite3_int64 handle, sqlite3_value *first, unsigned char **chunk, uint32_t *length) {
  memcpy(length, (const unsigned char *)sqlite3_value_blob(first) + 12, 4);
  *chunk = malloc(*length);
  uint32_t filled = (uint32_t)sqlite3_value_bytes(first);
  memcpy(*chunk, sqlite3_value_blob(first), filled);
  while (filled < *length) {
    sqlite3_value *piece = 0;
    int code = ask(db, &piece, "SELECT offloop_rest(%lld)", handle);
    if (code != SQLITE_OK || sqlite3_value_type(piece) != SQLITE_BLOB) {
      sqlite3_value_free(piece);
      free(*chunk);
      return code == SQLITE_OK ? SQLITE_ERROR : code;
    }
    memcpy(*chunk + filled, sqlite3_value_blob(piece), (size_t)sqlite3_value_bytes(piece));
    filled += (uint32_t)sqlite3_value_bytes(piece);
    sqlite3_value_free(piece);
  }
  return SQLITE_OK;
}

/** As `ask`, but takes no memory for the answer: a handle that gets lost could not be closed. */
static int open_statement(sqlite3 *db, int columns, sqlite3_int64 *handle) {
  sqlite3_stmt *statement = 0;
  int code = sqlite3_prepare_v2(db, "SELECT offloop_open('SELECT * FROM t', ?)", -1, &statement, 0);
  if (code != SQLITE_OK) return code;
  sqlite3_bind_int(statement, 1, columns);
  if (sqlite3_step(statement) == SQLITE_ROW) *handle = sqlite3_column_int64(statement, 0);
  return sqlite3_finalize(statement);
}

/** Writes the table's rows as the extension packs them. @returns SQLITE_OK or what went wrong. */
static int pack(sqlite3 *db, int columns) {
  sqlite3_value *answer = 0;
  sqlite3_int64 handle = 0;
  int code = open_statement(db, columns, &handle);
  if (code != SQLITE_OK) return code;
  Writer writer = begin_result(columns);
  unsigned rows = 1 + random_below(300);
  for (int type = SQLITE_INTEGER; type != SQLITE_NULL && code == SQLITE_OK;) {
    answer = 0;
    code = ask(db, &answer, "SELECT offloop_next(%lld, %u, %d, %d)", handle, rows, 5, 5);
    if (code != SQLITE_OK) break;
    type = sqlite3_value_type(answer);
    if (type == SQLITE_BLOB) {
      unsigned char *chunk;
      uint32_t length;
      code = whole_chunk(db, handle, answer, &chunk, &length);
      if (code == SQLITE_OK) {
        put_chunk(&writer, chunk, length);
        free(chunk);
      }
    }
    sqlite3_value_free(answer);
  }
  end_result(&writer);
  /* Also where memory fails: closing takes some, so it is tried until it worked. */
  while (ask(db, 0, "SELECT offloop_close(%lld)", handle) == SQLITE_NOMEM) countdown = -1;
  return code;
}

/** Opens the result as a table. @returns null when it cannot be opened. */
static sqlite3 *open_result(int *code) {
  sqlite3 *db = open_database(1);
  *code = SQLITE_NOMEM;
  if (!db) return 0;
  *code = ask(db, 0, "CREATE VIRTUAL TABLE result USING offloop_result(%Q)", path);
  if (*code == SQLITE_OK) return db;
  sqlite3_close(db);
  return 0;
}

static void compare_values(sqlite3_stmt *left, sqlite3_stmt *right, int column, uint64_t row) {
  int type = sqlite3_column_type(left, column);
  int same = type == sqlite3_column_type(right, column);
  if (same && type == SQLITE_INTEGER) same = sqlite3_column_int64(left, column) == sqlite3_column_int64(right, column);
  if (same && type == SQLITE_FLOAT) same = sqlite3_column_double(left, column) == sqlite3_column_double(right, column);
  if (same && (type == SQLITE_TEXT || type == SQLITE_BLOB)) {
    const void *one = sqlite3_column_blob(left, column);
    const void *other = sqlite3_column_blob(right, column);
    int length = sqlite3_column_bytes(left, column);
    same = length == sqlite3_column_bytes(right, column) && (length == 0 || memcmp(one, other, (size_t)length) == 0);
  }
  if (!same) fail("column %d of row %llu came back changed", column, (unsigned long long)row);
}

static void compare(sqlite3 *db, sqlite3 *result, int columns, const char *condition) {
  sqlite3_stmt *left = 0;
  sqlite3_stmt *right = 0;
  char *sql = sqlite3_mprintf("SELECT * FROM t %s", condition);
  sqlite3_prepare_v2(db, sql, -1, &left, 0);
  sqlite3_free(sql);
  sql = sqlite3_mprintf("SELECT * FROM result %s", condition);
  sqlite3_prepare_v2(result, sql, -1, &right, 0);
  sqlite3_free(sql);
  if (!left || !right) fail("%s cannot be prepared: %s", condition, sqlite3_errmsg(result));
  for (uint64_t row = 0;; row += 1) {
    int code = sqlite3_step(left);
    int other = sqlite3_step(right);
    if (code != other) fail("row %llu of \"%s\": %s", (unsigned long long)row, condition, sqlite3_errmsg(result));
    if (code != SQLITE_ROW) break;
    for (int column = 0; column < columns; column += 1) compare_values(left, right, column, row);
  }
  sqlite3_finalize(left);
  sqlite3_finalize(right);
}

static void compare_all(sqlite3 *db, int columns, unsigned rows) {
  static const char *const comparisons[] = {"=", "<", "<=", ">", ">="};
  int code;
  sqlite3 *result = open_result(&code);
  if (!result) fail("the result cannot be opened: %d", code);
  compare(db, result, columns, "");
  compare(db, result, columns, "ORDER BY rowid DESC");
  for (int index = 0; index < 10; index += 1) {
    char condition[120];
    snprintf(
      condition, sizeof(condition), "WHERE rowid %s %d%s AND rowid %s %d ORDER BY rowid%s", comparisons[random_below(5)],
      (int)random_below(rows + 10) - 5, random_below(4) ? "" : ".5", comparisons[random_below(5)],
      (int)random_below(rows + 10) - 5, random_below(2) ? "" : " DESC"
    );
    compare(db, result, columns, condition);
  }
  sqlite3_close(result);
}

static unsigned char *read_whole(const char *ending, long *length) {
  FILE *file = open_file(ending, "rb");
  fseek(file, 0, SEEK_END);
  *length = ftell(file);
  rewind(file);
  unsigned char *bytes = malloc((size_t)*length + 1);
  if (fread(bytes, 1, (size_t)*length, file) != (size_t)*length) fail("a file cannot be read");
  fclose(file);
  return bytes;
}

static void write_whole(const char *ending, const unsigned char *bytes, long length) {
  FILE *file = open_file(ending, "wb");
  fwrite(bytes, 1, (size_t)length, file);
  fclose(file);
}

/** Makes the checksums right again, so that what they would catch is read as if it had been written. */
static void mend_checksums(unsigned char *rows, long length) {
  uint32_t columns;
  memcpy(&columns, rows + 8, 4);
  if (columns > (uint32_t)length - FILE_HEADER_BYTES) return;
  put_word(rows, 12, checksum(rows + FILE_HEADER_BYTES, columns));
  for (long at = FILE_HEADER_BYTES + (long)columns; at + FRAME_BYTES <= length;) {
    uint32_t chunk;
    memcpy(&chunk, rows + at + 4, 4);
    if (at + FRAME_BYTES + (long)chunk > length) return;
    put_word(rows, (size_t)at + 20, checksum(rows + at + FRAME_BYTES, chunk));
    at += FRAME_BYTES + (long)chunk;
  }
}

/** Reads a result of which something was changed: it may be refused, and must not be misread. */
static void try_mutants(unsigned long *refused) {
  static const char *const queries[] = {
    "SELECT * FROM result", "SELECT * FROM result ORDER BY 1", "SELECT count(*), max(c0) FROM result",
    "SELECT * FROM result WHERE rowid > 3 ORDER BY rowid DESC",
  };
  long rows_length;
  long index_length;
  unsigned char *rows = read_whole("rows", &rows_length);
  unsigned char *index = read_whole("index", &index_length);
  for (int mutant = 0; mutant < MUTANTS_PER_ROUND; mutant += 1) {
    unsigned char *changed = malloc((size_t)rows_length + 1);
    long length = rows_length;
    memcpy(changed, rows, (size_t)rows_length);
    if (random_below(4) == 0) length = (long)random_below((unsigned)rows_length);
    for (unsigned change = random_below(4); length > 0 && change > 0; change -= 1) {
      /* Mostly where lengths and offsets are. */
      unsigned at = random_below(2) ? random_below((unsigned)length) : random_below(length > 400 ? 400 : (unsigned)length);
      static const unsigned char edges[] = {0, 1, 7, 8, 0x7f, 0x80, 0xff};
      changed[at] = random_below(2) ? edges[random_below(7)] : (unsigned char)random_below(256);
    }
    if (length > FILE_HEADER_BYTES && random_below(4)) mend_checksums(changed, length);
    write_whole("rows", changed, length);
    free(changed);
    /* Without the index the changed frames are believed. */
    write_whole("index", index, random_below(2) ? 0 : (long)random_below((unsigned)index_length + 1));
    int code;
    sqlite3 *result = open_result(&code);
    for (int query = 0; result && query < 4; query += 1) {
      code = ask(result, 0, "%s", queries[query]);
      if (code != SQLITE_OK) *refused += 1;
      if (code != SQLITE_OK && (code & 0xff) != SQLITE_CORRUPT && code != SQLITE_ERROR) {
        fail("a damaged result made %s: %s", sqlite3_errstr(code), sqlite3_errmsg(result));
      }
    }
    if (!result) *refused += 1;
    sqlite3_close(result);
  }
  write_whole("rows", rows, rows_length);
  write_whole("index", index, index_length);
  free(rows);
  free(index);
}

/** Calls the functions in ways that make no sense; whatever they answer, nothing may break. */
static void misuse(sqlite3 *db, int columns) {
  static const char *const statements[] = {
    "SELECT offloop_next(%lld, 3, 0, 0), offloop_next(%lld, -5, -1, -1)",
    "SELECT offloop_next(%lld, 9223372036854775807, 9223372036854775807, 9223372036854775807)",
    "SELECT offloop_next(%lld, NULL, 'x', x'00')",
    "SELECT offloop_rest(%lld)",
    "SELECT offloop_close(%lld), offloop_next(%lld, 1, 1, 1)",
    "SELECT max(offloop_next(%lld, 2, 1, 1)) FROM t",
    "SELECT offloop_bind(%lld, 1, 1), offloop_bind(%lld, 'x', NULL), offloop_bind(%lld, -1, x'')",
    "SELECT offloop_watch(x'0102030405060708', %lld), offloop_unwatch()",
    "SELECT offloop_watch(%lld, 1)",
    "SELECT offloop_error_offset('SELECT %lld FROM'), offloop_error_offset(NULL), offloop_error_offset(x'00')",
    "SELECT offloop_open(NULL, %lld), offloop_open('', 1)",
    "SELECT offloop_settle('/nowhere/at/all', %lld)",
    "SELECT offloop_open('SELECT offloop_close(%lld), offloop_next(%lld, 1, 1, 1)', 2)",
    "DELETE FROM t WHERE rowid = %lld",
  };
  sqlite3_int64 handles[8] = {0};
  for (int index = 0; index < 8; index += 1) {
    sqlite3_value *answer = 0;
    const char *sql = index % 2 ? "SELECT * FROM t" : "SELECT * FROM t a, t b, t c";
    if (ask(db, &answer, "SELECT offloop_open(%Q, %d)", sql, index % 2 ? columns : columns * 3) == SQLITE_OK) {
      handles[index] = sqlite3_value_int64(answer);
    }
    sqlite3_value_free(answer);
  }
  for (int index = 0; index < MISUSES_PER_ROUND; index += 1) {
    sqlite3_int64 one = handles[random_below(8)];
    sqlite3_value *answer = 0;
    ask(db, &answer, statements[random_below(sizeof(statements) / sizeof(statements[0]))], one, one, one);
    /* A statement that calls the functions on others, and on itself. */
    if (answer && sqlite3_value_type(answer) == SQLITE_INTEGER && random_below(2)) {
      handles[random_below(8)] = sqlite3_value_int64(answer);
    }
    sqlite3_value_free(answer);
  }
  /* Whatever is still open. */
  for (int index = 0; index < 8; index += 1) ask(db, 0, "SELECT offloop_close(%lld)", handles[index]);
}

/** Does everything once for each allocation that can fail. @returns how many did. */
static unsigned long starve(void) {
  unsigned long failures = 0;
  for (long at = 0;; at += 1 + (long)random_below(3)) {
    sqlite3 *db = 0;
    failed = 0;
    sqlite3_open(":memory:", &db);
    sqlite3_exec(
      db, "CREATE TABLE t (c0, c1); INSERT INTO t VALUES (1, 'a'), (2.5, x'00ff'), (NULL, 'longer than a few bytes'), ('x', 1)", 0,
      0, 0
    );
    countdown = at;
    int code = sqlite3_extension_init(db, 0, 0);
    code = code == SQLITE_OK_LOAD_PERMANENTLY ? ask(db, 0, "SELECT offloop_settle(NULL, 1)") : code;
    if (code == SQLITE_OK) code = pack(db, 2);
    if (code == SQLITE_OK) code = ask(db, 0, "CREATE VIRTUAL TABLE temp.result USING offloop_result(%Q)", path);
    if (code == SQLITE_OK) code = ask(db, 0, "SELECT * FROM result ORDER BY c1");
    countdown = -1;
    if (sqlite3_close(db) != SQLITE_OK) fail("a statement stayed open without memory");
    if (!failed) {
      if (code != SQLITE_OK) fail("with memory it failed: %s", sqlite3_errstr(code));
      return failures;
    }
    failures += 1;
  }
}

int main(int count, char **arguments) {
  unsigned long refused = 0;
  unsigned long starved = 0;
  if (count != 4) fail("usage: fuzz <seed> <rounds> <folder>");
  state = strtoull(arguments[1], 0, 10) * 2 + 1;
  int rounds = atoi(arguments[2]);
  snprintf(path, sizeof(path), "%s/result's", arguments[3]);
  install_memory();
  for (int round = 0; round < rounds; round += 1) {
    sqlite3 *db = open_database(0);
    unsigned rows = random_below(8) ? random_below(400) : 5000;
    int columns = fill(db, rows);
    if (random_below(3) == 0) sqlite3_limit(db, SQLITE_LIMIT_LENGTH, SHORT_LIMIT);
    int code = pack(db, columns);
    if (code != SQLITE_OK) fail("the rows cannot be packed: %s", sqlite3_errmsg(db));
    compare_all(db, columns, rows);
    try_mutants(&refused);
    misuse(db, columns);
    if (sqlite3_close(db) != SQLITE_OK) sqlite3_close_v2(db);
    if (round == 0) starved = starve();
  }
  printf("%d tables, %lu refusals of %d damaged files, %lu failures of memory\n", rounds, refused, rounds * MUTANTS_PER_ROUND, starved);
  return 0;
}

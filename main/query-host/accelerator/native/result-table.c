/*
 * The module `offloop_result`: a result file as a table that can only be read.
 *
 *   CREATE VIRTUAL TABLE temp.result USING offloop_result('<path without the endings of the two files>')
 *
 * Its rowid is the number of the row, from 1. Columns are those of the result; one whose name is taken already, or
 * missing, gets another, as SQLite does for a table made of a query.
 */
#include "chunk.h"
#include "extension.h"
#include "result-file.h"
#include <ctype.h>
#include <string.h>
SQLITE_EXTENSION_INIT3

/* What xBestIndex tells xFilter: which constraints there are, in the order of these bits, and the direction. */
#define PLAN_EQUAL 1
#define PLAN_FROM 2
#define PLAN_FROM_AFTER 4
#define PLAN_TO 8
#define PLAN_TO_BEFORE 16
#define PLAN_DESCENDING 32
/* What a search for one row costs against the visit of one: a chunk is read for it. */
#define SEEK_COST 50.0

typedef struct {
  sqlite3_vtab base;
  ResultFile file;
  uint32_t columns;
} ResultTable;

typedef struct {
  sqlite3_vtab_cursor base;
  /** The row it stands on, and the last one to visit, from 0; going down they are the other way round. */
  int64_t row;
  int64_t last;
  int descending;
  /** The chunk that is in memory, and its rows. */
  uint64_t loaded_from;
  uint64_t loaded_to;
  unsigned char *bytes;
  uint64_t capacity;
  /** A column is looked up when it is first asked for in a chunk. */
  ChunkColumn *columns;
  uint8_t *looked_up;
} ResultCursor;

/** Says what is damaged, in the way that the module's caller shows. */
static int damaged(ResultTable *table, const ChunkPlace *place) {
  sqlite3_free(table->base.zErrMsg);
  table->base.zErrMsg = sqlite3_mprintf(
    "rows %lld to %lld of this result are damaged", (long long)place->first_row + 1,
    (long long)(place->first_row + place->rows)
  );
  return SQLITE_CORRUPT_VTAB;
}

/** The type that makes SQLite compare as it would with the column that was selected: https://sqlite.org/datatype3.html */
static const char *affinity_of(const char *declared_type) {
  char upper[64];
  size_t length = 0;
  if (!declared_type) return "";
  for (; declared_type[length] && length < sizeof(upper) - 1; length += 1) {
    upper[length] = (char)toupper((unsigned char)declared_type[length]);
  }
  upper[length] = 0;
  if (strstr(upper, "INT")) return "INTEGER";
  if (strstr(upper, "CHAR") || strstr(upper, "CLOB") || strstr(upper, "TEXT")) return "TEXT";
  if (length == 0 || strstr(upper, "BLOB")) return "";
  if (strstr(upper, "REAL") || strstr(upper, "FLOA") || strstr(upper, "DOUB")) return "REAL";
  return "NUMERIC";
}

static int is_taken(char **names, uint32_t count, const char *name) {
  for (uint32_t index = 0; index < count; index += 1) {
    if (sqlite3_stricmp(names[index], name) == 0) return 1;
  }
  return 0;
}

/** A name that no column before has. @returns null without memory. */
static char *own_name(char **names, uint32_t count, const char *wanted) {
  char *base = wanted && wanted[0] ? sqlite3_mprintf("%s", wanted) : sqlite3_mprintf("column%u", count + 1);
  char *name = base;
  for (uint32_t number = 1; name && is_taken(names, count, name); number += 1) {
    if (name != base) sqlite3_free(name);
    name = sqlite3_mprintf("%s:%u", base, number);
  }
  if (name != base) sqlite3_free(base);
  return name;
}

/** Makes the statement that declares the table from the list of columns. */
static int describe(sqlite3 *db, const char *json, char **declaration, uint32_t *column_count) {
  static const char query[] =
    "SELECT json_extract(value, '$.name'), json_extract(value, '$.declaredType'), type FROM json_each(?1)";
  sqlite3_stmt *statement = 0;
  sqlite3_str *text = sqlite3_str_new(db);
  char **names = 0;
  uint32_t count = 0;
  int code = sqlite3_prepare_v2(db, query, -1, &statement, 0);
  if (code == SQLITE_OK) code = sqlite3_bind_text(statement, 1, json, -1, SQLITE_STATIC);
  sqlite3_str_appendall(text, "CREATE TABLE result(");
  while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    code = SQLITE_OK;
    if (sqlite3_column_type(statement, 0) != SQLITE_TEXT) {
      code = SQLITE_CORRUPT_VTAB;
      break;
    }
    char **grown = sqlite3_realloc64(names, sizeof(char *) * ((uint64_t)count + 1));
    if (grown) names = grown;
    char *name = grown ? own_name(names, count, (const char *)sqlite3_column_text(statement, 0)) : 0;
    if (!name) {
      code = SQLITE_NOMEM;
      break;
    }
    names[count] = name;
    const char *type = affinity_of((const char *)sqlite3_column_text(statement, 1));
    sqlite3_str_appendf(text, "%s\"%w\" %s", count ? ", " : "", name, type);
    count += 1;
  }
  sqlite3_str_appendall(text, ")");
  sqlite3_finalize(statement);
  for (uint32_t index = 0; index < count; index += 1) sqlite3_free(names[index]);
  sqlite3_free(names);
  *declaration = sqlite3_str_finish(text);
  *column_count = count;
  if (code == SQLITE_DONE) return *declaration ? SQLITE_OK : SQLITE_NOMEM;
  sqlite3_free(*declaration);
  *declaration = 0;
  /* What SQLite says against the JSON of a checked header: it was not written by us. */
  return code == SQLITE_NOMEM ? SQLITE_NOMEM : SQLITE_CORRUPT_VTAB;
}

/** An argument of the module as it was meant: without its quotes. @returns null without memory. */
static char *unquoted(const char *argument) {
  size_t length = strlen(argument);
  char *text = sqlite3_malloc64(length + 1);
  size_t end = 0;
  if (!text) return 0;
  if (length < 2 || argument[0] != '\'' || argument[length - 1] != '\'') {
    memcpy(text, argument, length + 1);
    return text;
  }
  for (size_t at = 1; at < length - 1; at += 1) {
    text[end++] = argument[at];
    if (argument[at] == '\'' && argument[at + 1] == '\'') at += 1;
  }
  text[end] = 0;
  return text;
}

static int result_disconnect(sqlite3_vtab *base) {
  ResultTable *table = (ResultTable *)base;
  result_file_close(&table->file);
  sqlite3_free(table);
  return SQLITE_OK;
}

static int result_connect(
  sqlite3 *db, void *unused, int count, const char *const *arguments, sqlite3_vtab **vtab, char **trouble
) {
  char *json = 0;
  char *declaration = 0;
  char *path = 0;
  ResultTable *table = 0;
  (void)unused;
  /* The first three are the names of the module, the database and the table. */
  if (count != 4) {
    *trouble = sqlite3_mprintf("offloop_result takes the path of a result");
    return SQLITE_ERROR;
  }
  path = unquoted(arguments[3]);
  table = sqlite3_malloc64(sizeof(ResultTable));
  if (!path || !table) {
    sqlite3_free(path);
    sqlite3_free(table);
    return SQLITE_NOMEM;
  }
  memset(table, 0, sizeof(ResultTable));
  int code = result_file_open(&table->file, path, &json, trouble);
  sqlite3_free(path);
  if (code != SQLITE_OK) {
    sqlite3_free(table);
    return code;
  }
  code = describe(db, json, &declaration, &table->columns);
  sqlite3_free(json);
  if (code == SQLITE_CORRUPT_VTAB) *trouble = sqlite3_mprintf("the list of columns of this result is damaged");
  if (code == SQLITE_OK && table->columns == 0) {
    *trouble = sqlite3_mprintf("this result has no columns, because its statement returned no rows");
    code = SQLITE_ERROR;
  }
  if (code == SQLITE_OK) code = sqlite3_declare_vtab(db, declaration);
  if (code == SQLITE_OK) code = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  sqlite3_free(declaration);
  if (code != SQLITE_OK) {
    result_disconnect(&table->base);
    return code;
  }
  *vtab = &table->base;
  return SQLITE_OK;
}

/** Whether a constraint is on the rowid and can be used; and which bit of the plan it is. */
static int plan_bit(const struct sqlite3_index_constraint *constraint) {
  if (!constraint->usable || constraint->iColumn >= 0) return 0;
  switch (constraint->op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
      return PLAN_EQUAL;
    case SQLITE_INDEX_CONSTRAINT_GE:
      return PLAN_FROM;
    case SQLITE_INDEX_CONSTRAINT_GT:
      return PLAN_FROM_AFTER;
    case SQLITE_INDEX_CONSTRAINT_LE:
      return PLAN_TO;
    case SQLITE_INDEX_CONSTRAINT_LT:
      return PLAN_TO_BEFORE;
    default:
      return 0;
  }
}

static int result_best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  ResultTable *table = (ResultTable *)base;
  double rows = (double)table->file.rows + 1;
  int arguments = 0;
  info->idxNum = 0;
  /* In the order of the bits, in which xFilter takes them; one of each kind. SQLite checks each row again. */
  for (int bit = PLAN_EQUAL; bit <= PLAN_TO_BEFORE; bit *= 2) {
    for (int index = 0; index < info->nConstraint; index += 1) {
      if (plan_bit(&info->aConstraint[index]) != bit) continue;
      info->aConstraintUsage[index].argvIndex = ++arguments;
      info->idxNum |= bit;
      break;
    }
  }
  if (info->idxNum & PLAN_EQUAL) {
    info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
    rows = 1;
  } else {
    /* A bound on one side leaves half of the rows, as far as can be known. */
    if (info->idxNum & (PLAN_FROM | PLAN_FROM_AFTER)) rows /= 2;
    if (info->idxNum & (PLAN_TO | PLAN_TO_BEFORE)) rows /= 2;
  }
  if (info->nOrderBy == 1 && info->aOrderBy[0].iColumn < 0) {
    info->orderByConsumed = 1;
    if (info->aOrderBy[0].desc) info->idxNum |= PLAN_DESCENDING;
  }
  info->estimatedCost = rows + SEEK_COST;
  info->estimatedRows = (sqlite3_int64)rows;
  return SQLITE_OK;
}

static int result_open(sqlite3_vtab *base, sqlite3_vtab_cursor **opened) {
  ResultTable *table = (ResultTable *)base;
  ResultCursor *cursor = sqlite3_malloc64(sizeof(ResultCursor));
  if (!cursor) return SQLITE_NOMEM;
  memset(cursor, 0, sizeof(ResultCursor));
  cursor->columns = sqlite3_malloc64(sizeof(ChunkColumn) * (uint64_t)table->columns);
  cursor->looked_up = sqlite3_malloc64(table->columns);
  if (!cursor->columns || !cursor->looked_up) {
    sqlite3_free(cursor->columns);
    sqlite3_free(cursor->looked_up);
    sqlite3_free(cursor);
    return SQLITE_NOMEM;
  }
  *opened = &cursor->base;
  return SQLITE_OK;
}

static int result_close(sqlite3_vtab_cursor *base) {
  ResultCursor *cursor = (ResultCursor *)base;
  sqlite3_free(cursor->bytes);
  sqlite3_free(cursor->columns);
  sqlite3_free(cursor->looked_up);
  sqlite3_free(cursor);
  return SQLITE_OK;
}

/** The rows, from 0, that a scan visits: first and last. */
typedef struct {
  int64_t first;
  int64_t last;
} Range;

/** Narrows a range by one constraint. Where the value is no integer nothing is lost: SQLite checks each row again. */
static void narrow(Range *range, int bit, sqlite3_value *value, int64_t rows) {
  int type = sqlite3_value_numeric_type(value);
  if (type == SQLITE_NULL) {
    range->last = -1;
    return;
  }
  if (type != SQLITE_INTEGER) {
    /* No whole number is equal to a text or, as SQLite has made integers of whole reals, to a real. */
    if (bit == PLAN_EQUAL && type != SQLITE_FLOAT) range->last = -1;
    if (bit != PLAN_EQUAL || type != SQLITE_FLOAT) return;
    double real = sqlite3_value_double(value);
    if (!(real >= 1 && real <= (double)rows) || real != (double)(int64_t)real) {
      range->last = -1;
      return;
    }
  }
  int64_t rowid = sqlite3_value_int64(value);
  /* Within what a row can have, so that nothing below overflows. */
  if (rowid < 0) rowid = 0;
  if (rowid > rows + 1) rowid = rows + 1;
  int64_t row = rowid - 1;
  int64_t first = bit == PLAN_EQUAL || bit == PLAN_FROM ? row : bit == PLAN_FROM_AFTER ? row + 1 : 0;
  int64_t last = bit == PLAN_EQUAL || bit == PLAN_TO ? row : bit == PLAN_TO_BEFORE ? row - 1 : rows - 1;
  if (first > range->first) range->first = first;
  if (last < range->last) range->last = last;
}

static int result_filter(
  sqlite3_vtab_cursor *base, int plan, const char *unused, int count, sqlite3_value **arguments
) {
  ResultCursor *cursor = (ResultCursor *)base;
  ResultTable *table = (ResultTable *)base->pVtab;
  int64_t rows = (int64_t)table->file.rows;
  Range range = {0, rows - 1};
  int argument = 0;
  (void)unused;
  for (int bit = PLAN_EQUAL; bit <= PLAN_TO_BEFORE; bit *= 2) {
    if ((plan & bit) && argument < count) narrow(&range, bit, arguments[argument++], rows);
  }
  cursor->descending = (plan & PLAN_DESCENDING) != 0;
  cursor->row = cursor->descending ? range.last : range.first;
  cursor->last = cursor->descending ? range.first : range.last;
  return SQLITE_OK;
}

static int result_next(sqlite3_vtab_cursor *base) {
  ResultCursor *cursor = (ResultCursor *)base;
  cursor->row += cursor->descending ? -1 : 1;
  return SQLITE_OK;
}

static int result_eof(sqlite3_vtab_cursor *base) {
  const ResultCursor *cursor = (const ResultCursor *)base;
  return cursor->descending ? cursor->row < cursor->last : cursor->row > cursor->last;
}

/** Brings the chunk with the cursor's row into memory; only a value that is asked for needs it. */
static int load(ResultTable *table, ResultCursor *cursor) {
  uint64_t chunk = result_file_find(&table->file, (uint64_t)cursor->row);
  if (chunk >= table->file.chunk_count) return SQLITE_ERROR;
  const ChunkPlace *place = &table->file.chunks[chunk];
  cursor->loaded_to = 0;
  cursor->loaded_from = 0;
  if (place->length > cursor->capacity) {
    unsigned char *grown = sqlite3_realloc64(cursor->bytes, place->length);
    if (!grown) return SQLITE_NOMEM;
    cursor->bytes = grown;
    cursor->capacity = place->length;
  }
  if (!result_file_read(&table->file, chunk, cursor->bytes)) return damaged(table, place);
  if (!is_chunk(cursor->bytes, place->length, place->rows, table->columns)) return damaged(table, place);
  cursor->loaded_from = place->first_row;
  cursor->loaded_to = place->first_row + place->rows;
  memset(cursor->looked_up, 0, table->columns);
  return SQLITE_OK;
}

static int result_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int index) {
  ResultCursor *cursor = (ResultCursor *)base;
  ResultTable *table = (ResultTable *)base->pVtab;
  uint64_t row = (uint64_t)cursor->row;
  if (row < cursor->loaded_from || row >= cursor->loaded_to) {
    int code = load(table, cursor);
    if (code == SQLITE_CORRUPT_VTAB) fail_with(context, code, table->base.zErrMsg ? table->base.zErrMsg : "damaged");
    if (code != SQLITE_OK) return code;
  }
  ChunkColumn *column = &cursor->columns[index];
  int fits = cursor->looked_up[index] || open_chunk_column(cursor->bytes, (uint32_t)index, column);
  cursor->looked_up[index] = (uint8_t)fits;
  if (fits && result_chunk_value(context, column, (uint32_t)(row - cursor->loaded_from))) return SQLITE_OK;
  int code = damaged(table, &table->file.chunks[result_file_find(&table->file, row)]);
  fail_with(context, code, table->base.zErrMsg ? table->base.zErrMsg : "damaged");
  return code;
}

static int result_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
  *rowid = ((const ResultCursor *)base)->row + 1;
  return SQLITE_OK;
}

static const sqlite3_module result_module = {
  .iVersion = 2,
  .xCreate = result_connect,
  .xConnect = result_connect,
  .xBestIndex = result_best_index,
  .xDisconnect = result_disconnect,
  .xDestroy = result_disconnect,
  .xOpen = result_open,
  .xClose = result_close,
  .xFilter = result_filter,
  .xNext = result_next,
  .xEof = result_eof,
  .xColumn = result_column,
  .xRowid = result_rowid,
};

int register_result_table(sqlite3 *db) {
  return sqlite3_create_module_v2(db, "offloop_result", &result_module, 0, 0);
}

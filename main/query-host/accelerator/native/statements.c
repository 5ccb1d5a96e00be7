/*
 * Steps statements and hands their rows out as chunks, by SQL functions that the host calls on the same connection:
 *
 *   offloop_open(sql, columns)             prepares a statement that returns so many columns; returns its handle
 *   offloop_bind(handle, number, value)    sets a parameter
 *   offloop_next(handle, rows, slice, age) steps it for `slice` ms; returns a chunk as a blob, as soon as it has so many
 *                                          rows, is as long as one should be, or its first row is `age` ms old; the
 *                                          number of rows at hand when the slice has passed; NULL after the last row;
 *                                          with 0 rows it only hands out those at hand
 *   offloop_rest(handle)                   the next piece of a chunk that was too long for one blob
 *   offloop_close(handle)                  forgets it; one that is not known is no error
 *   offloop_error_offset(sql)              where in a text SQLite finds its error, in bytes; NULL where it cannot say
 *
 * A handle is a random number in a list of the connection, so that no pointer is ever made of what SQL says.
 */
#include "extension.h"
#include "interrupt.h"
#include "pack.h"
#include <string.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <time.h>
#endif
SQLITE_EXTENSION_INIT3

/* The longest piece of a chunk: the connection may limit a blob to less than a chunk can have. */
#define MAX_PIECE_BYTES (256 * 1024 * 1024)

typedef struct Cursor {
  sqlite3_int64 handle;
  /** Null after the end. */
  sqlite3_stmt *statement;
  /** It is being stepped: its own functions called from within it must leave it alone. */
  int busy;
  Packer packer;
  /** When the first row of the chunk at hand came, in ms. */
  int64_t first_row_at;
  /** How the statement ended, told once its rows are handed out. */
  int end_code;
  char *end_message;
  /** A chunk of which a part is still to be handed out. */
  unsigned char *rest;
  uint64_t rest_length;
  uint64_t rest_sent;
  struct Cursor *next;
} Cursor;

/** A clock that never jumps, in ms. It is read for every row, so the coarse one is taken where there is one (5 ns). */
static int64_t now_ms(void) {
#ifdef _WIN32
  return (int64_t)GetTickCount64();
#else
  struct timespec time;
#ifdef CLOCK_MONOTONIC_COARSE
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
#else
  clock_gettime(CLOCK_MONOTONIC, &time);
#endif
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
#endif
}

static Cursor *find_cursor(Accelerator *accelerator, sqlite3_value *handle) {
  sqlite3_int64 wanted = sqlite3_value_int64(handle);
  if (sqlite3_value_type(handle) != SQLITE_INTEGER) return 0;
  for (Cursor *cursor = accelerator->cursors; cursor; cursor = cursor->next) {
    if (cursor->handle == wanted) return cursor;
  }
  return 0;
}

/** The cursor that a function was called with; fails the function when there is none. */
static Cursor *cursor_or_fail(sqlite3_context *context, sqlite3_value *handle) {
  Cursor *cursor = find_cursor(sqlite3_user_data(context), handle);
  if (cursor && !cursor->busy) return cursor;
  fail_with(context, SQLITE_MISUSE, cursor ? "this statement is being stepped" : "there is no statement with this handle");
  return 0;
}

static void free_cursor(Cursor *cursor) {
  sqlite3_finalize(cursor->statement);
  packer_close(&cursor->packer);
  sqlite3_free(cursor->end_message);
  sqlite3_free(cursor->rest);
  sqlite3_free(cursor);
}

/** Ends the statement, so that it holds no lock, and keeps why. */
static void end_with(Cursor *cursor, int code, const char *message) {
  cursor->end_code = code;
  cursor->end_message = code == SQLITE_DONE ? 0 : sqlite3_mprintf("%s", message);
  sqlite3_finalize(cursor->statement);
  cursor->statement = 0;
}

static void open_function(sqlite3_context *context, int count, sqlite3_value **arguments) {
  Accelerator *accelerator = sqlite3_user_data(context);
  sqlite3 *db = accelerator->db;
  const char *sql = (const char *)sqlite3_value_text(arguments[0]);
  int columns = sqlite3_value_int(arguments[1]);
  sqlite3_stmt *statement = 0;
  (void)count;
  if (!sql) {
    fail_with(context, SQLITE_MISUSE, "there is no statement");
    return;
  }
  int code = sqlite3_prepare_v3(db, sql, sqlite3_value_bytes(arguments[0]), 0, &statement, 0);
  if (code != SQLITE_OK) {
    fail_as_connection(context, db, code);
    return;
  }
  if (!statement || sqlite3_column_count(statement) != columns || columns < 1) {
    sqlite3_finalize(statement);
    fail_with(context, SQLITE_MISUSE, "this is not a statement that returns so many columns");
    return;
  }
  Cursor *cursor = sqlite3_malloc64(sizeof(Cursor));
  if (cursor) {
    memset(cursor, 0, sizeof(Cursor));
    cursor->statement = statement;
    code = packer_open(&cursor->packer, (uint32_t)columns);
    if (code != SQLITE_OK) {
      free_cursor(cursor);
      cursor = 0;
    }
  } else {
    sqlite3_finalize(statement);
  }
  if (!cursor) {
    sqlite3_result_error_nomem(context);
    return;
  }
  do sqlite3_randomness(sizeof(cursor->handle), &cursor->handle);
  while (cursor->handle == 0);
  cursor->next = accelerator->cursors;
  accelerator->cursors = cursor;
  sqlite3_result_int64(context, cursor->handle);
}

static void bind_function(sqlite3_context *context, int count, sqlite3_value **arguments) {
  Accelerator *accelerator = sqlite3_user_data(context);
  Cursor *cursor = cursor_or_fail(context, arguments[0]);
  (void)count;
  if (!cursor) return;
  if (!cursor->statement) {
    fail_with(context, SQLITE_MISUSE, "this statement has ended");
    return;
  }
  int code = sqlite3_bind_value(cursor->statement, sqlite3_value_int(arguments[1]), arguments[2]);
  if (code != SQLITE_OK) fail_as_connection(context, accelerator->db, code);
}

/** Hands out a piece of the chunk. */
static void hand_out_rest(sqlite3_context *context, Cursor *cursor) {
  uint64_t limit = (uint64_t)sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
  uint64_t length = cursor->rest_length - cursor->rest_sent;
  if (limit > MAX_PIECE_BYTES) limit = MAX_PIECE_BYTES;
  if (cursor->rest_sent == 0 && length <= limit) {
    /* The usual case: the bytes go over as they are. */
    sqlite3_result_blob64(context, cursor->rest, length, sqlite3_free);
    cursor->rest = 0;
    return;
  }
  if (length > limit) length = limit;
  sqlite3_result_blob64(context, cursor->rest + cursor->rest_sent, length, SQLITE_TRANSIENT);
  cursor->rest_sent += length;
  if (cursor->rest_sent < cursor->rest_length) return;
  sqlite3_free(cursor->rest);
  cursor->rest = 0;
}

static void hand_out_chunk(sqlite3_context *context, Cursor *cursor) {
  cursor->rest = packer_finish(&cursor->packer, &cursor->rest_length);
  cursor->rest_sent = 0;
  if (cursor->rest) hand_out_rest(context, cursor);
  else sqlite3_result_error_nomem(context);
}

static void hand_out_end(sqlite3_context *context, const Cursor *cursor) {
  if (cursor->end_code == SQLITE_DONE) sqlite3_result_null(context);
  else if (cursor->end_message) fail_with(context, cursor->end_code, cursor->end_message);
  else sqlite3_result_error_nomem(context);
}

/** Adds the row that the statement stands on, or ends it with the reason. */
static void add_row(Cursor *cursor) {
  /* Another program may have changed the table: SQLite then prepares anew, and `*` may stand for other columns. */
  if (sqlite3_column_count(cursor->statement) != (int)cursor->packer.column_count) {
    end_with(cursor, SQLITE_SCHEMA, "the columns changed while the statement was about to run; run it again");
    return;
  }
  switch (packer_add(&cursor->packer, cursor->statement)) {
    case SQLITE_OK:
      if (cursor->packer.rows == 1) cursor->first_row_at = now_ms();
      return;
    case SQLITE_TOOBIG:
      end_with(cursor, SQLITE_TOOBIG, "a row is longer than a result can hold, which is 2 GiB");
      return;
    default:
      end_with(cursor, SQLITE_NOMEM, sqlite3_errstr(SQLITE_NOMEM));
  }
}

/** Whether the rows at hand should be handed out although more may come. */
static int is_due(const Cursor *cursor, sqlite3_int64 row_limit, sqlite3_int64 age_ms, int64_t now) {
  const Packer *packer = &cursor->packer;
  if (packer_is_full(packer) || packer->rows >= row_limit) return 1;
  return packer->rows > 0 && now - cursor->first_row_at >= age_ms;
}

static void next_function(sqlite3_context *context, int count, sqlite3_value **arguments) {
  Accelerator *accelerator = sqlite3_user_data(context);
  Cursor *cursor = cursor_or_fail(context, arguments[0]);
  sqlite3_int64 row_limit = sqlite3_value_int64(arguments[1]);
  sqlite3_int64 slice_ms = sqlite3_value_int64(arguments[2]);
  sqlite3_int64 age_ms = sqlite3_value_int64(arguments[3]);
  int64_t start = now_ms();
  int due;
  (void)count;
  if (!cursor) return;
  if (cursor->rest) {
    fail_with(context, SQLITE_MISUSE, "the rest of the last chunk is still to be read");
    return;
  }
  if (cursor->statement && !target_enter(accelerator->target)) {
    end_with(cursor, SQLITE_INTERRUPT, sqlite3_errstr(SQLITE_INTERRUPT));
  }
  due = is_due(cursor, row_limit, age_ms, start);
  cursor->busy = 1;
  while (cursor->statement && !due) {
    int code = sqlite3_step(cursor->statement);
    if (code == SQLITE_ROW) {
      add_row(cursor);
    } else {
      int extended = code == SQLITE_DONE ? code : sqlite3_extended_errcode(accelerator->db);
      end_with(cursor, extended, sqlite3_errmsg(accelerator->db));
    }
    int64_t now = now_ms();
    due = is_due(cursor, row_limit, age_ms, now);
    if (now - start >= slice_ms) break;
  }
  cursor->busy = 0;
  if (!target_leave(accelerator->target) && cursor->statement) {
    /* The connection is marked as interrupted for as long as a statement is open on it: this one has to go now. */
    end_with(cursor, SQLITE_INTERRUPT, sqlite3_errstr(SQLITE_INTERRUPT));
  }
  if (cursor->packer.rows > 0 && (due || !cursor->statement)) hand_out_chunk(context, cursor);
  else if (cursor->statement) sqlite3_result_int64(context, cursor->packer.rows);
  else hand_out_end(context, cursor);
}

static void rest_function(sqlite3_context *context, int count, sqlite3_value **arguments) {
  Cursor *cursor = cursor_or_fail(context, arguments[0]);
  (void)count;
  if (cursor && cursor->rest) hand_out_rest(context, cursor);
}

static void close_function(sqlite3_context *context, int count, sqlite3_value **arguments) {
  Accelerator *accelerator = sqlite3_user_data(context);
  Cursor *cursor = find_cursor(accelerator, arguments[0]);
  (void)count;
  if (!cursor) return;
  if (cursor->busy) {
    fail_with(context, SQLITE_MISUSE, "this statement is being stepped");
    return;
  }
  for (Cursor **link = &accelerator->cursors; *link; link = &(*link)->next) {
    if (*link == cursor) {
      *link = cursor->next;
      break;
    }
  }
  free_cursor(cursor);
}

static void error_offset_function(sqlite3_context *context, int count, sqlite3_value **arguments) {
  Accelerator *accelerator = sqlite3_user_data(context);
  const char *sql = (const char *)sqlite3_value_text(arguments[0]);
  sqlite3_stmt *statement = 0;
  (void)count;
  if (!sql) return;
  int code = sqlite3_prepare_v3(accelerator->db, sql, sqlite3_value_bytes(arguments[0]), 0, &statement, 0);
  int offset = code == SQLITE_OK ? -1 : sqlite3_error_offset(accelerator->db);
  sqlite3_finalize(statement);
  if (offset >= 0) sqlite3_result_int(context, offset);
}

int register_statements(Accelerator *accelerator) {
  static const struct {
    const char *name;
    int arguments;
    void (*function)(sqlite3_context *, int, sqlite3_value **);
  } functions[] = {
    {"offloop_open", 2, open_function},   {"offloop_bind", 3, bind_function},   {"offloop_next", 4, next_function},
    {"offloop_rest", 1, rest_function},   {"offloop_close", 1, close_function}, {"offloop_error_offset", 1, error_offset_function},
  };
  for (size_t index = 0; index < sizeof(functions) / sizeof(functions[0]); index += 1) {
    int code = define_function(accelerator, functions[index].name, functions[index].arguments, functions[index].function);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

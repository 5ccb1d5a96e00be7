/*
 * The accelerator: an extension of SQLite that packs rows into chunks, lets another thread interrupt a running
 * statement, and reads result files as tables. See docs/accelerator.md.
 */
#include "extension.h"
#include "interrupt.h"
SQLITE_EXTENSION_INIT1

#ifdef _WIN32
#define EXPORTED __declspec(dllexport)
#else
#define EXPORTED __attribute__((visibility("default")))
#endif

void fail_with(sqlite3_context *context, int code, const char *message) {
  sqlite3_result_error(context, message, -1);
  sqlite3_result_error_code(context, code);
}

void fail_as_connection(sqlite3_context *context, sqlite3 *db, int code) {
  int extended = sqlite3_extended_errcode(db);
  /* The connection speaks of its last call, which may be a later one than that which failed. */
  if ((extended & 0xff) == (code & 0xff)) fail_with(context, extended, sqlite3_errmsg(db));
  else fail_with(context, code, sqlite3_errstr(code));
}

void accelerator_release(void *pointer) {
  Accelerator *accelerator = pointer;
  accelerator->holders -= 1;
  if (accelerator->holders > 0) return;
  target_free(accelerator->target);
  sqlite3_free(accelerator);
}

int define_function(
  Accelerator *accelerator,
  const char *name,
  int arguments,
  void (*function)(sqlite3_context *, int, sqlite3_value **)
) {
  /* SQLite lets go of it also when it refuses the function. */
  accelerator->holders += 1;
  return sqlite3_create_function_v2(
    accelerator->db, name, arguments, SQLITE_UTF8 | SQLITE_DIRECTONLY, accelerator, function, 0, 0, accelerator_release
  );
}

/**
 * offloop_settle(path, results): what this connection may do beyond running statements. It opens the door for interrupts
 * of this process at a path, unless that is NULL, and knows result files as tables when `results` is true. It can be
 * called once, which the host does before it runs anything: no statement of a person makes a socket, and no database
 * names a file as its table.
 */
static void settle_function(sqlite3_context *context, int count, sqlite3_value **arguments) {
  Accelerator *accelerator = sqlite3_user_data(context);
  const char *path = (const char *)sqlite3_value_text(arguments[0]);
  (void)count;
  if (accelerator->settled) {
    fail_with(context, SQLITE_AUTH, "this was settled when the database was opened");
    return;
  }
  accelerator->settled = 1;
  const char *trouble = path ? listen_for_interrupts(path) : 0;
  if (trouble) {
    fail_with(context, SQLITE_CANTOPEN, trouble);
    return;
  }
  int code = sqlite3_value_int(arguments[1]) ? register_result_table(accelerator->db) : SQLITE_OK;
  if (code != SQLITE_OK) fail_as_connection(context, accelerator->db, code);
}

static int set_up(sqlite3 *db) {
  Accelerator *accelerator = sqlite3_malloc64(sizeof(Accelerator));
  int code;
  if (!accelerator) return SQLITE_NOMEM;
  accelerator->db = db;
  accelerator->holders = 1;
  accelerator->cursors = 0;
  accelerator->settled = 0;
  accelerator->target = target_new(db);
  code = accelerator->target ? register_statements(accelerator) : SQLITE_NOMEM;
  if (code == SQLITE_OK) code = register_interrupt(accelerator);
  if (code == SQLITE_OK) code = define_function(accelerator, "offloop_settle", 2, settle_function);
  accelerator_release(accelerator);
  /* No other extension after this one. */
  if (code == SQLITE_OK) code = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)0);
  /* Permanently: the thread that interrupts outlives the connection. */
  return code == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : code;
}

/** Entry point, by the name that SQLite looks for in any file. */
EXPORTED int sqlite3_extension_init(sqlite3 *db, char **message, const sqlite3_api_routines *api) {
  (void)message;
  (void)api;
  SQLITE_EXTENSION_INIT2(api);
  return set_up(db);
}

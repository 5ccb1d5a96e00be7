/* What the parts of the extension share. */
#ifndef OFFLOOP_EXTENSION_H
#define OFFLOOP_EXTENSION_H

#include <stddef.h>
#include <stdint.h>
#include "sqlite3ext.h"

/* What a statement that is running on a connection can be interrupted by; one for each connection. */
typedef struct Target Target;

/** What the functions of one connection share; they hold it together. */
typedef struct {
  sqlite3 *db;
  /** How many functions hold it. */
  int holders;
  struct Cursor *cursors;
  Target *target;
  /** See offloop_settle(). */
  int settled;
} Accelerator;

/** Lets go of the state; the last function to do so frees it. */
void accelerator_release(void *accelerator);

/** Registers the functions that step statements. @returns an SQLite code. */
int register_statements(Accelerator *accelerator);
/** Registers the functions that let another thread interrupt. @returns an SQLite code. */
int register_interrupt(Accelerator *accelerator);
/** Registers the module `offloop_result`. @returns an SQLite code. */
int register_result_table(sqlite3 *db);

/** A function of this name that only a statement may call, never a view or trigger of a file. @returns a code. */
int define_function(
  Accelerator *accelerator,
  const char *name,
  int arguments,
  void (*function)(sqlite3_context *, int, sqlite3_value **)
);

/** Fails a function with what the connection says about its last error. */
void fail_as_connection(sqlite3_context *context, sqlite3 *db, int code);
/** Fails a function with words of its own. */
void fail_with(sqlite3_context *context, int code, const char *message);

#endif

#include "interrupt.h"
#include <string.h>
#include "listener.h"
#include "mutex.h"
SQLITE_EXTENSION_INIT3

/* A random name for one execution of a statement: an interrupt that comes late finds it gone and hits nothing else. */
#define TOKEN_BYTES 8
/* SQLite forgets an interrupt that falls between two statements of a connection, so it is given again until it has hit. */
#define REPEAT_MS 2

struct Target {
  sqlite3 *db;
  /** Whether an execution is being watched, and which. */
  int watching;
  unsigned char token[TOKEN_BYTES];
  /** The statement may be interrupted now; otherwise only `interrupted` is set, for whoever steps it next. */
  int inside;
  int interrupted;
  Target *next;
};

/* How many tokens are kept that hit nothing: one may arrive just before the watch that it is meant for. */
#define EARLY_TOKENS 4

/* Everything below is read and written under the lock, and a connection is only interrupted while it is held. */
static Mutex mutex = MUTEX_UNLOCKED;
static Target *targets;
static unsigned char early[EARLY_TOKENS][TOKEN_BYTES];
static unsigned next_early;

Target *target_new(sqlite3 *db) {
  Target *target = sqlite3_malloc64(sizeof(Target));
  if (!target) return 0;
  memset(target, 0, sizeof(Target));
  target->db = db;
  mutex_lock(&mutex);
  target->next = targets;
  targets = target;
  mutex_unlock(&mutex);
  return target;
}

void target_free(Target *target) {
  if (!target) return;
  mutex_lock(&mutex);
  for (Target **link = &targets; *link; link = &(*link)->next) {
    if (*link == target) {
      *link = target->next;
      break;
    }
  }
  mutex_unlock(&mutex);
  sqlite3_free(target);
}

int target_enter(Target *target) {
  mutex_lock(&mutex);
  int interrupted = target->watching && target->interrupted;
  target->inside = target->watching && !interrupted;
  mutex_unlock(&mutex);
  return !interrupted;
}

int target_leave(Target *target) {
  mutex_lock(&mutex);
  int interrupted = target->watching && target->interrupted;
  target->inside = 0;
  mutex_unlock(&mutex);
  return !interrupted;
}

/** Interrupts the execution with a token. @param token null repeats what is under way. @returns whether to repeat it. */
static int interrupt(const unsigned char *token) {
  int again = 0;
  int known = 0;
  mutex_lock(&mutex);
  for (Target *target = targets; target; target = target->next) {
    if (!target->watching) continue;
    if (token && memcmp(target->token, token, TOKEN_BYTES) == 0) known = target->interrupted = 1;
    if (!target->interrupted) continue;
    again = 1;
    if (target->inside) sqlite3_interrupt(target->db);
  }
  if (token && !known) {
    memcpy(early[next_early % EARLY_TOKENS], token, TOKEN_BYTES);
    next_early += 1;
  }
  mutex_unlock(&mutex);
  return again;
}

static void serve(Listener *listener) {
  unsigned char token[TOKEN_BYTES];
  int again = 0;
  for (;;) {
    switch (listener_hear(listener, token, TOKEN_BYTES, again ? REPEAT_MS : -1)) {
      case HEARD_MESSAGE:
        again = interrupt(token);
        break;
      case HEARD_NOTHING:
        again = interrupt(0);
        break;
      case HEARD_END:
        return;
    }
  }
}

const char *listen_for_interrupts(const char *path) {
  return listener_start(path, serve);
}

/**
 * offloop_watch(token, inside): from now on the token interrupts this connection; with `inside` at once, whatever runs,
 * otherwise only what offloop_next() steps. @returns 1 when that token has come already.
 */
static void watch_function(sqlite3_context *context, int count, sqlite3_value **arguments) {
  Accelerator *accelerator = sqlite3_user_data(context);
  Target *target = accelerator->target;
  (void)count;
  if (sqlite3_value_type(arguments[0]) != SQLITE_BLOB || sqlite3_value_bytes(arguments[0]) != TOKEN_BYTES) {
    fail_with(context, SQLITE_MISUSE, "a token is a blob of 8 bytes");
    return;
  }
  mutex_lock(&mutex);
  memcpy(target->token, sqlite3_value_blob(arguments[0]), TOKEN_BYTES);
  target->interrupted = 0;
  for (unsigned index = 0; index < EARLY_TOKENS && index < next_early; index += 1) {
    if (memcmp(early[index], target->token, TOKEN_BYTES) == 0) target->interrupted = 1;
  }
  target->watching = 1;
  target->inside = !target->interrupted && sqlite3_value_int(arguments[1]) != 0;
  int interrupted = target->interrupted;
  mutex_unlock(&mutex);
  sqlite3_result_int(context, interrupted);
}

/** offloop_unwatch(): ends the watch. @returns 1 when an interrupt had come. */
static void unwatch_function(sqlite3_context *context, int count, sqlite3_value **arguments) {
  Accelerator *accelerator = sqlite3_user_data(context);
  Target *target = accelerator->target;
  (void)count;
  (void)arguments;
  mutex_lock(&mutex);
  int interrupted = target->watching && target->interrupted;
  target->watching = 0;
  target->inside = 0;
  target->interrupted = 0;
  mutex_unlock(&mutex);
  sqlite3_result_int(context, interrupted);
}

int register_interrupt(Accelerator *accelerator) {
  int code = define_function(accelerator, "offloop_watch", 2, watch_function);
  if (code == SQLITE_OK) code = define_function(accelerator, "offloop_unwatch", 0, unwatch_function);
  return code;
}

/* Lets another thread interrupt the statement that runs on a connection. */
#ifndef OFFLOOP_INTERRUPT_H
#define OFFLOOP_INTERRUPT_H

#include "extension.h"

/** @returns null without memory. */
Target *target_new(sqlite3 *db);
/** From here on nothing touches its connection. */
void target_free(Target *target);

/** Opens the door for interrupts of this process. @returns null, or what went wrong, as static text. */
const char *listen_for_interrupts(const char *path);

/** Before stepping: interrupts go into the statement from now on. @returns 0 when one has come already. */
int target_enter(Target *target);
/** After stepping: none goes into the statement any more. @returns 0 when one has come. */
int target_leave(Target *target);

#endif

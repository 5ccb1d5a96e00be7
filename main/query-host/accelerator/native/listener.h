/* A door in the file system to which one other process connects: a Unix socket, on Windows a named pipe. */
#ifndef OFFLOOP_LISTENER_H
#define OFFLOOP_LISTENER_H

#include <stddef.h>

/** What is heard next. */
typedef enum { HEARD_MESSAGE, HEARD_NOTHING, HEARD_END } Heard;

typedef struct Listener Listener;

/**
 * Opens the door and serves it from a thread of its own, until the one that connected leaves. As soon as somebody has
 * connected the door is removed, so that nobody else comes and nothing is left behind.
 *
 * @param path of the socket, in a folder that only its owner may enter and that goes with it when it is empty
 * @param serve is called once, in that thread, and returns after HEARD_END
 * @returns null, or what went wrong, as static text
 */
const char *listener_start(const char *path, void (*serve)(Listener *listener));

/** Waits for a message of exactly `length` bytes. @param patience_ms how long to wait; negative waits for ever. */
Heard listener_hear(Listener *listener, void *message, size_t length, int patience_ms);

#endif

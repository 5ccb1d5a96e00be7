#include "listener.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Memory here is the C library's: it belongs to a thread that knows of no connection. */

#ifdef _WIN32
#include <windows.h>

/* How often a pipe is looked at while something is waited for with a limit. */
#define PEEK_INTERVAL_MS 1

struct Listener {
  HANDLE pipe;
  void (*serve)(Listener *);
};

static DWORD WINAPI run(void *pointer) {
  Listener *listener = pointer;
  if (ConnectNamedPipe(listener->pipe, NULL) || GetLastError() == ERROR_PIPE_CONNECTED) listener->serve(listener);
  CloseHandle(listener->pipe);
  free(listener);
  return 0;
}

const char *listener_start(const char *path, void (*serve)(Listener *listener)) {
  Listener *listener = malloc(sizeof(Listener));
  if (!listener) return "there is no memory";
  listener->serve = serve;
  /* One instance, nobody from another machine. */
  listener->pipe = CreateNamedPipeA(
    path, PIPE_ACCESS_INBOUND | FILE_FLAG_FIRST_PIPE_INSTANCE, PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1, 0, 0, 0, NULL
  );
  if (listener->pipe == INVALID_HANDLE_VALUE) {
    free(listener);
    return "the pipe could not be made";
  }
  HANDLE thread = CreateThread(NULL, 0, run, listener, 0, NULL);
  if (!thread) {
    CloseHandle(listener->pipe);
    free(listener);
    return "there are too many threads";
  }
  CloseHandle(thread);
  return NULL;
}

Heard listener_hear(Listener *listener, void *message, size_t length, int patience_ms) {
  for (int waited = 0; patience_ms >= 0; waited += PEEK_INTERVAL_MS) {
    DWORD available = 0;
    if (!PeekNamedPipe(listener->pipe, NULL, 0, NULL, &available, NULL)) return HEARD_END;
    if (available >= length) break;
    if (waited >= patience_ms) return HEARD_NOTHING;
    Sleep(PEEK_INTERVAL_MS);
  }
  for (size_t filled = 0; filled < length;) {
    DWORD got = 0;
    if (!ReadFile(listener->pipe, (char *)message + filled, (DWORD)(length - filled), &got, NULL) || got == 0) {
      return HEARD_END;
    }
    filled += got;
  }
  return HEARD_MESSAGE;
}

#else
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The thread calls nothing deep; the system's 8 MB would count against a limit of memory. */
#define STACK_BYTES (256 * 1024)

struct Listener {
  /** Of the door, then of the one that came. */
  int socket;
  struct sockaddr_un address;
  void (*serve)(Listener *);
};

/** Removes the socket, and its folder where that was made for nothing else. */
static void remove_door(char *path) {
  unlink(path);
  char *end = strrchr(path, '/');
  if (!end || end == path) return;
  *end = 0;
  rmdir(path);
}

static void *run(void *pointer) {
  Listener *listener = pointer;
  int peer;
  do peer = accept(listener->socket, NULL, NULL);
  while (peer < 0 && (errno == EINTR || errno == ECONNABORTED));
  remove_door(listener->address.sun_path);
  close(listener->socket);
  listener->socket = peer;
  if (peer >= 0) {
    /* A command that is started from this process must not hold the door open. */
    fcntl(peer, F_SETFD, FD_CLOEXEC);
    listener->serve(listener);
    close(peer);
  }
  free(listener);
  return NULL;
}

/** Starts the thread with every signal blocked: they are the main thread's. @returns whether it runs. */
static int start_thread(Listener *listener) {
  pthread_attr_t attributes;
  pthread_t thread;
  sigset_t all;
  sigset_t before;
  if (pthread_attr_init(&attributes) != 0) return 0;
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int code = pthread_create(&thread, &attributes, run, listener);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return code == 0;
}

const char *listener_start(const char *path, void (*serve)(Listener *listener)) {
  Listener *listener = calloc(1, sizeof(Listener));
  const char *trouble = NULL;
  if (!listener) return "there is no memory";
  listener->serve = serve;
  listener->address.sun_family = AF_UNIX;
  if (strlen(path) >= sizeof(listener->address.sun_path)) {
    free(listener);
    return "the path is too long for a socket";
  }
  strcpy(listener->address.sun_path, path);
  listener->socket = socket(AF_UNIX, SOCK_STREAM, 0);
  if (listener->socket < 0) {
    free(listener);
    return "there are too many open files";
  }
  fcntl(listener->socket, F_SETFD, FD_CLOEXEC);
  if (bind(listener->socket, (const struct sockaddr *)&listener->address, sizeof(listener->address)) != 0) {
    trouble = "the socket could not be made";
  } else if (chmod(path, S_IRUSR | S_IWUSR) != 0 || listen(listener->socket, 1) != 0) {
    trouble = "the socket could not be opened";
  } else if (!start_thread(listener)) {
    trouble = "there are too many threads";
  } else {
    return NULL;
  }
  if (strcmp(trouble, "the socket could not be made") != 0) unlink(path);
  close(listener->socket);
  free(listener);
  return trouble;
}

Heard listener_hear(Listener *listener, void *message, size_t length, int patience_ms) {
  struct pollfd waiting = {listener->socket, POLLIN, 0};
  for (size_t filled = 0; filled < length;) {
    /* Once it has begun the rest of a message follows at once: it is sent in one piece. */
    int ready = poll(&waiting, 1, filled > 0 ? -1 : patience_ms);
    if (ready == 0) return HEARD_NOTHING;
    if (ready < 0) {
      if (errno == EINTR) continue;
      return HEARD_END;
    }
    ssize_t got = read(listener->socket, (char *)message + filled, length - filled);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return HEARD_END;
    if (got > 0) filled += (size_t)got;
  }
  return HEARD_MESSAGE;
}
#endif

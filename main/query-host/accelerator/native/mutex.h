/* A lock that needs no set-up, and threads, on both kinds of systems. */
#ifndef OFFLOOP_MUTEX_H
#define OFFLOOP_MUTEX_H

#ifdef _WIN32
#include <windows.h>
typedef SRWLOCK Mutex;
#define MUTEX_UNLOCKED SRWLOCK_INIT
static inline void mutex_lock(Mutex *mutex) {
  AcquireSRWLockExclusive(mutex);
}
static inline void mutex_unlock(Mutex *mutex) {
  ReleaseSRWLockExclusive(mutex);
}
#else
#include <pthread.h>
typedef pthread_mutex_t Mutex;
#define MUTEX_UNLOCKED PTHREAD_MUTEX_INITIALIZER
static inline void mutex_lock(Mutex *mutex) {
  pthread_mutex_lock(mutex);
}
static inline void mutex_unlock(Mutex *mutex) {
  pthread_mutex_unlock(mutex);
}
#endif

#endif

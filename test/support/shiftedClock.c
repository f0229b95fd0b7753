/*
 * Loaded into a program (LD_PRELOAD), it moves the wall clock that the program sees by as many seconds as the file in
 * CLOCK_SHIFT says: eight bytes, which may change at any time. The monotonic clock stays, and so does the machine's own.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile long long nothing = 0;
static const volatile long long *shift = &nothing;

__attribute__((constructor)) static void open_shift(void) {
  const char *path = getenv("CLOCK_SHIFT");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) shift = mapped;
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *shift;
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec exact;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *kept) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (kept) *kept = now.tv_sec;
  return now.tv_sec;
}

/* Whoever waits until a moment of the wall clock has asked us what time it is. */
static struct timespec real_moment(const struct timespec *moment) {
  struct timespec real = *moment;
  real.tv_sec -= *shift;
  return real;
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict moment) {
  static int (*next)(sem_t *, const struct timespec *);
  struct timespec real = real_moment(moment);
  if (!next) next = (int (*)(sem_t *, const struct timespec *))dlsym(RTLD_NEXT, "sem_timedwait");
  return next(semaphore, &real);
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict moment) {
  /* Which clock a condition waits by is not ours to see: a moment near to the real one is left as it is. */
  static int (*next)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  struct timespec now, real = real_moment(moment);
  if (!next)
    next = (int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *))dlsym(RTLD_NEXT,
                                                                                         "pthread_cond_timedwait");
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return next(condition, mutex, moment->tv_sec < now.tv_sec + 365 * 86400 ? moment : &real);
}

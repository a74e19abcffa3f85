/* Loaded with LD_PRELOAD: makes this machine's disk as slow as a laptop's. SLOW_FSYNC_US is added to each flush. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void pause_a_while(void) {
  const char *us = getenv("SLOW_FSYNC_US");
  if (us != NULL) {
    usleep((useconds_t)atoi(us));
  }
}

int fsync(int fd) {
  int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  pause_a_while();
  return next(fd);
}

int fdatasync(int fd) {
  int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  pause_a_while();
  return next(fd);
}

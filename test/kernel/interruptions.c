// Preloaded into a server: ends it where one of its calls fails with EINTR, of which it would say nothing.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

static long checked(const char *name, long result) {
  if (result != -1 || errno != EINTR) return result;
  dprintf(2, "%s failed with EINTR\n", name);
  _exit(99);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int epoll_wait(int set, struct epoll_event *events, int most, int timeout) {
  return (int)checked("epoll_wait", NEXT(epoll_wait)(set, events, most, timeout));
}

ssize_t read(int fd, void *buffer, size_t size) { return checked("read", NEXT(read)(fd, buffer, size)); }

ssize_t write(int fd, const void *buffer, size_t size) { return checked("write", NEXT(write)(fd, buffer, size)); }

int usleep(useconds_t time) { return (int)checked("usleep", NEXT(usleep)(time)); }

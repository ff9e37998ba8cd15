// Writes one page of a ring after another, a page a turn: ring PAGES MICROSECONDS. Prints the addresses of the ring and of the number of
// the turn that comes next, which is counted up before the page of that turn is written. Ends at the first EINTR.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void *sleeper(void *unused) {
  (void)unused;
  int set = epoll_create1(0);
  struct epoll_event event;
  for (;;)
    if (epoll_wait(set, &event, 1, 50) < 0) _exit(9);
}

int main(int argc, char **argv) {
  long pages = atol(argv[1]), pause = argc > 2 ? atol(argv[2]) : 0;
  volatile char *ring = mmap(0, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  volatile long *turn = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pthread_t thread;
  pthread_create(&thread, 0, sleeper, 0);
  printf("%ld %ld\n", (long)ring, (long)turn);
  fflush(stdout);
  for (;;) {
    long now = *turn;
    *turn = now + 1;
    ring[now % pages * 4096] = (char)now;
    struct timespec time = {0, pause * 1000};
    if (pause && nanosleep(&time, 0)) _exit(8);
  }
}

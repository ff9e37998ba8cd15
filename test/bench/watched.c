// A table that is watched, and work beside it: answers how long things take, in nanoseconds.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Debian 12's headers are from before these (include/uapi/linux/userfaultfd.h).
#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif

#define ELSEWHERE (16UL << 20)

static uint64_t time_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t now(void) { return time_of(CLOCK_MONOTONIC); }

// What this thread has worked: others on the machine take less from it than from the clock.
static uint64_t worked(void) { return time_of(CLOCK_THREAD_CPUTIME_ID); }

static uint64_t *table, *elsewhere;
static unsigned long words;

// One call: looks things up in the table, and keeps what it found elsewhere.
__attribute__((noinline)) static void call(uint32_t *state) {
  uint64_t sum = 0;
  for (int i = 0; i < 64; ++i) {
    *state = *state * 1664525 + 1013904223;
    sum += table[*state % words];
  }
  elsewhere[*state % (ELSEWHERE / 8)] += sum;
}

static void must(int result) {
  if (result == 0) return;
  perror("userfaultfd");
  exit(1);
}

// The system calls of watching alone: from one userfaultfd to another and protected there, as an agent does it.
static uint64_t hand_over(unsigned long bytes) {
  int from = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1);
  int to = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1);
  struct uffdio_api async = {.api = UFFD_API, .features = UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED};
  struct uffdio_api sync = {.api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_UNPOPULATED};
  must(ioctl(from, UFFDIO_API, &async));
  must(ioctl(to, UFFDIO_API, &sync));
  struct uffdio_range range = {.start = (uintptr_t)table, .len = bytes};
  struct uffdio_register registration = {.range = range, .mode = UFFDIO_REGISTER_MODE_WP};
  struct uffdio_writeprotect protection = {.range = range, .mode = UFFDIO_WRITEPROTECT_MODE_WP};
  must(ioctl(from, UFFDIO_REGISTER, &registration));
  must(ioctl(from, UFFDIO_WRITEPROTECT, &protection));
  uint64_t begin = worked();
  must(ioctl(from, UFFDIO_UNREGISTER, &range));
  must(ioctl(to, UFFDIO_REGISTER, &registration));
  must(ioctl(to, UFFDIO_WRITEPROTECT, &protection));
  uint64_t took = worked() - begin;
  close(from);
  close(to);
  return took;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  unsigned long bytes = strtoul(argv[1], NULL, 10);
  words = bytes / 8;
  table = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  elsewhere = mmap(NULL, ELSEWHERE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (unsigned long at = 0; at < words; at += 512) table[at] = at;
  memset(elsewhere, 1, ELSEWHERE);
  int tracking = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1);
  int watching = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
  printf("%lu %d %d\n", (unsigned long)table, tracking, watching);
  fflush(stdout);
  char line[64];
  uint32_t state = 1;
  while (fgets(line, sizeof line, stdin)) {
    unsigned long count = strtoul(strchr(line, ' '), NULL, 10);
    if (!strncmp(line, "calls", 5)) {
      uint64_t begin = worked();
      for (unsigned long i = 0; i < count; ++i) call(&state);
      printf("%lu\n", worked() - begin);
    } else if (!strncmp(line, "stores", 6)) { // at the second half of the table's first page, a line each
      for (unsigned long i = 0; i < count; ++i) {
        usleep(2000);
        uint64_t begin = now();
        ((volatile uint64_t *)table)[256 + i % 32 * 8] = i;
        printf("%lu %lu ", begin, now());
      }
      printf("\n");
    } else if (!strncmp(line, "hand", 4)) { // must not be armed by anyone
      printf("%lu\n", hand_over(bytes));
    } else if (!strncmp(line, "close", 5)) {
      printf("%d\n", close((int)count));
    }
    fflush(stdout);
  }
  return 0;
}

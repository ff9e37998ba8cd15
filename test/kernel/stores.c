// Threads that store at random into memory of which a part is watched; each store is known beforehand, by thread and number.
// Prints its memory's address, its two userfaultfds and its threads' numbers, and waits for a line; prints another when it is done.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINE 64

static uint64_t *memory;
static unsigned long lines, count;
static volatile int begin;
static volatile pid_t ids[64];

// xorshift32: the test makes the same numbers.
static uint32_t next(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static void *store(void *argument) {
  unsigned long thread = (unsigned long)argument;
  uint32_t state = (uint32_t)thread + 1;
  ids[thread] = (pid_t)syscall(SYS_gettid);
  while (!begin) usleep(100);
  for (unsigned long i = 1; i <= count; ++i) {
    // A line of its own for each thread, so that the memory in the end does not depend on who came first.
    unsigned long line = next(&state) % (lines / 4) * 4 + thread % 4;
    *(volatile uint64_t *)(memory + line * (LINE / 8)) = (uint64_t)thread << 56 | i;
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  unsigned long threads = strtoul(argv[1], NULL, 10), pages = strtoul(argv[3], NULL, 10);
  count = strtoul(argv[2], NULL, 10);
  lines = pages * 4096 / LINE;
  memory = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int tracking = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1);
  int watching = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
  pthread_t started[64];
  for (unsigned long i = 0; i < threads; ++i) pthread_create(&started[i], NULL, store, (void *)i);
  for (unsigned long i = 0; i < threads; ++i) while (!ids[i]) usleep(100);
  printf("%lu %d %d", (unsigned long)memory, tracking, watching);
  for (unsigned long i = 0; i < threads; ++i) printf(" %d", (int)ids[i]);
  printf("\n");
  fflush(stdout);
  char line[8];
  if (!fgets(line, sizeof line, stdin)) return 0;
  close(tracking);
  close(watching);
  begin = 1;
  for (unsigned long i = 0; i < threads; ++i) pthread_join(started[i], NULL);
  printf("done\n");
  fflush(stdout);
  fgets(line, sizeof line, stdin);
  return 0;
}

// A program to save: threads in functions of their own, a global, a heap variable, and 100 GiB of reserved memory with three pages.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RESERVED (100UL << 30)

struct order {
  int number;
  char customer[32];
};

int answer = 42;
int untouched[4096];
struct order *latest;
unsigned char *reserved;

static pthread_barrier_t ready;
static __thread int slot;

static void wait_for_work(int number) {
  slot = number;
  pthread_barrier_wait(&ready);
  for (;;) pause();
}

static void *worker(void *argument) {
  wait_for_work((int)(long)argument);
  return 0;
}

static void serve(struct order *order) {
  char line[64];
  int served = 0;
  puts("ready");
  fflush(stdout);
  /* Each line is an order: it is written down, and answered. */
  while (read(0, line, sizeof line) > 0) {
    served += 1;
    order->number = served;
    answer += 1;
    reserved[50UL << 30] = (unsigned char)served;
    puts("served");
    fflush(stdout);
  }
}

int main(void) {
  pthread_t threads[3];
  pthread_barrier_init(&ready, 0, 4);
  reserved = mmap(0, RESERVED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) return 1;
  reserved[0] = 1;
  reserved[50UL << 30] = 2;
  reserved[RESERVED - 1] = 3;
  latest = malloc(sizeof *latest);
  latest->number = 7;
  strcpy(latest->customer, "Ada");
  for (long i = 0; i < 3; i += 1) pthread_create(&threads[i], 0, worker, (void *)(i + 1));
  pthread_barrier_wait(&ready);
  serve(latest);
  return 0;
}

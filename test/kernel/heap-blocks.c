// Allocates and frees at random, in several threads if told to, then prints every block that it ever had and sleeps.
// Arguments: threads, allocations of each, seed, 1: all blocks small enough for the fast bins.
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct block {
  unsigned char *address;
  size_t asked, usable;
  int freed;
};

struct share {
  unsigned seed;
  int count, small;
  struct block *blocks;
};

// What the C library allocates for a thread is there before the first block that is told; but for its cache.
static pthread_barrier_t all_ready, all_done;

static size_t draw_size(unsigned *seed, int small) {
  unsigned kind = (unsigned)rand_r(seed) % 100;
  if (small || kind < 50) return 1 + (size_t)rand_r(seed) % 100;
  if (kind < 85) return 1 + (size_t)rand_r(seed) % 4000;
  if (kind < 97) return 1 + (size_t)rand_r(seed) % 60000;
  return (200 << 10) + (size_t)rand_r(seed) % (1 << 20);
}

static void allocate(struct share *share) {
  for (int i = 0; i < share->count; ++i) {
    struct block *block = &share->blocks[i];
    block->asked = draw_size(&share->seed, share->small);
    block->address = malloc(block->asked);
    block->usable = malloc_usable_size(block->address);
    memset(block->address, 0xff, block->asked);
    struct block *old = &share->blocks[rand_r(&share->seed) % (i + 1)];
    if (i % 3 == 0 || old->freed) continue;
    free(old->address);
    old->freed = 1;
  }
}

static void *work(void *share) {
  pthread_barrier_wait(&all_ready);
  allocate(share);
  pthread_barrier_wait(&all_done);
  // A thread that ended would give its cache back.
  for (;;) pause();
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 5) return 1;
  int threads = atoi(argv[1]), count = atoi(argv[2]);
  // Not from malloc, whose blocks are being told; nor is the room for what is printed.
  static struct share shares[16];
  static struct block blocks[1 << 17];
  static char output[1 << 16];
  setvbuf(stdout, output, _IOFBF, sizeof output);
  pthread_barrier_init(&all_ready, NULL, (unsigned)threads + 1);
  pthread_barrier_init(&all_done, NULL, (unsigned)threads + 1);
  for (int i = 0; i <= threads; ++i) {
    shares[i] = (struct share){(unsigned)(atoi(argv[3]) + i), count, atoi(argv[4]), blocks + (size_t)i * (size_t)count};
    pthread_t thread;
    if (i > 0 && pthread_create(&thread, NULL, work, &shares[i])) return 1;
  }
  pthread_barrier_wait(&all_ready);
  allocate(&shares[0]);
  pthread_barrier_wait(&all_done);
  for (int i = 0; i < (threads + 1) * count; ++i)
    printf("%p %zu %zu %d\n", (void *)blocks[i].address, blocks[i].asked, blocks[i].usable, blocks[i].freed);
  printf("end\n");
  fflush(stdout);
  for (;;) pause();
}

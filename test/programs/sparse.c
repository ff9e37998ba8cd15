// A sparse mapping of 4 GiB: some hundred scattered pages written, others only read, pages given back.
#include "say.h"

#define GIB (1UL << 30)
#define STRIDE (37 * PAGE + 16 * 1024 * 1024)
#define COUNT 200UL

static char *sparse OWN_PAGES;
static int sum OWN_PAGES;

static void scatter(size_t first, size_t count, char value) {
  for (size_t i = first; i < first + count; i += 1) sparse[i * STRIDE] = value;
}

static int gather(size_t offset) {
  int total = 0;
  for (size_t i = 0; i < COUNT; i += 1) total += sparse[i * STRIDE + offset];
  return total;
}

int main(void) {
  SAY_BEGIN();
  sparse = mmap(NULL, 4 * GIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  SAY(wrote(&sparse, sizeof sparse), created(sparse, 4 * GIB));
  sparse[3 * GIB + 5] = 1;
  SAY(wrote(&sparse[3 * GIB + 5], 1));
  scatter(0, COUNT, 2);
  SAY(wrote_each(sparse, STRIDE, COUNT));
  sum = gather(PAGE);
  SAY(wrote(&sum, sizeof sum));
  scatter(50, 25, 3);
  SAY(wrote_each(sparse + 50 * STRIDE, STRIDE, 25));
  sum += gather(0);
  SAY(wrote(&sum, sizeof sum));
  sparse[PAGE] = sparse[4 * GIB - 1];
  SAY(wrote(&sparse[PAGE], 1));
  madvise(sparse, GIB, MADV_DONTNEED);
  SAY(may(sparse, GIB, "discarded"));
  sum += gather(0);
  SAY(wrote(&sum, sizeof sum));
  sparse[STRIDE] = 4;
  SAY(wrote(&sparse[STRIDE], 1));
  memset(sparse + 2 * GIB - 3 * PAGE, 5, 6 * PAGE);
  SAY(wrote(sparse + 2 * GIB - 3 * PAGE, 6 * PAGE));
  munmap(sparse, 4 * GIB);
  SAY(removed(sparse, 4 * GIB));
  return 0;
}

// malloc so large that it is a mapping of its own: written in the same line, in a later one, resized and given back.
#include <stdlib.h>

#include "say.h"

#define MIB (1UL << 20)

static char *large, *other;

static char *allocate_and_touch(size_t size, size_t stride) {
  char *bytes = malloc(size);
  for (size_t i = 0; i < size; i += stride) bytes[i] = (char)i;
  return bytes;
}

int main(void) {
  SAY_BEGIN();
  const void *const heap = sbrk(0);
  SAY(nothing());
  large = malloc(64 * MIB);
  SAY(created(large - 16, 64 * MIB), wrote(large - 16, 16), wrote(&large, sizeof large),
      may_allocator(heap));
  large[0] = 1;
  SAY(wrote(&large[0], 1));
  memset(large + 10 * MIB, 2, MIB);
  SAY(wrote(large + 10 * MIB, MIB));
  large[11 * MIB] = large[40 * MIB];
  SAY(wrote(&large[11 * MIB], 1));
  other = allocate_and_touch(8 * MIB, 7 * PAGE);
  SAY(created(other - 16, 8 * MIB), wrote(other - 16, 16), wrote(&other, sizeof other),
      wrote_each(other, 7 * PAGE, (8 * MIB + 7 * PAGE - 1) / (7 * PAGE)));
  other[3 * PAGE] = 3;
  SAY(wrote(&other[3 * PAGE], 1));
  free(large);
  SAY(removed(large - 16, 64 * MIB));
  other[MIB + PAGE] = 4;
  SAY(wrote(&other[MIB + PAGE], 1));
  free(other);
  SAY(removed(other - 16, 8 * MIB));
  return 0;
}

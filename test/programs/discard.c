// Pages given back by madvise: gone, not written, and written anew.
#include "say.h"

#define PAGES 16UL

static char *bytes OWN_PAGES;
static int sum OWN_PAGES;

static void discard_and_write(void) {
  madvise(bytes, PAGES * PAGE, MADV_DONTNEED);
  bytes[7 * PAGE] = 2;
}

int main(void) {
  SAY_BEGIN();
  bytes = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SAY(wrote(&bytes, sizeof bytes), created(bytes, PAGES * PAGE));
  memset(bytes, 1, PAGES * PAGE);
  SAY(wrote(bytes, PAGES * PAGE));
  madvise(bytes + 2 * PAGE, 4 * PAGE, MADV_DONTNEED);
  SAY(may(bytes + 2 * PAGE, 4 * PAGE, "discarded"));
  sum = bytes[3 * PAGE] + bytes[8 * PAGE];
  SAY(wrote(&sum, sizeof sum));
  bytes[3 * PAGE] = 1;
  SAY(wrote(&bytes[3 * PAGE], 1));
  bytes[4 * PAGE] = 1;
  SAY(wrote(&bytes[4 * PAGE], 1));
  discard_and_write();
  SAY(wrote(&bytes[7 * PAGE], 1), may(bytes, PAGES * PAGE, "discarded"));
  bytes[0] = bytes[7 * PAGE];
  SAY(wrote(&bytes[0], 1));
  return 0;
}

// memset over 10,000 pages, whole and in parts, fresh and populated.
#include "say.h"

#define PAGES 10000UL

static char bytes[PAGES * PAGE] OWN_PAGES;

static void every_second_page(char value) {
  for (size_t i = 0; i < PAGES; i += 2) bytes[i * PAGE] = value;
}

int main(void) {
  SAY_BEGIN();
  memset(bytes, 1, sizeof bytes);
  SAY(wrote(bytes, sizeof bytes));
  bytes[5000 * PAGE] = 2;
  SAY(wrote(&bytes[5000 * PAGE], 1));
  memset(bytes, 1, sizeof bytes);
  SAY(wrote(bytes, sizeof bytes));
  memset(bytes + 100 * PAGE + 1, 3, 1000 * PAGE);
  SAY(wrote(bytes + 100 * PAGE + 1, 1000 * PAGE));
  every_second_page(4);
  SAY(wrote_each(bytes, 2 * PAGE, PAGES / 2));
  memmove(bytes, bytes + 3 * PAGE, PAGE);
  SAY(wrote(bytes, PAGE));
  return 0;
}

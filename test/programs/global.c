// A global variable, an array across a page boundary, and stores that leave the value as it was.
#include "say.h"

static int global OWN_PAGES;
static char pages[4 * PAGE] OWN_PAGES;
static const char source[64] = "constant data is read, never written";
static struct {
  int read;
  char padding[PAGE - sizeof(int)];
} quiet OWN_PAGES;

int main(void) {
  int local = 0;
  SAY_BEGIN();
  global = 7;
  SAY(wrote(&global, sizeof global));
  global = 7;
  SAY(wrote(&global, sizeof global));
  global += 1;
  SAY(wrote(&global, sizeof global));
  local = quiet.read + source[3];
  SAY(wrote(&local, sizeof local));
  pages[0] = 1;
  SAY(wrote(&pages[0], 1));
  *(volatile long *)(pages + 2 * PAGE - 4) = 0x1122334455667788;
  SAY(wrote(pages + 2 * PAGE - 4, 8));
  memcpy(pages + 3 * PAGE, source, sizeof source);
  SAY(wrote(pages + 3 * PAGE, sizeof source));
  global = pages[3 * PAGE] + local;
  SAY(wrote(&global, sizeof global));
  for (int i = 0; i < 4; i += 1) {
    pages[(3 - (size_t)i) * PAGE + 9] = (char)i;
    SAY(wrote(&pages[(3 - (size_t)i) * PAGE + 9], 1));
  }
  return global == 'c' + local ? 0 : 1;
}

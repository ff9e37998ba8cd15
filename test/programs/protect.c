// mprotect between writes: read-only and back, no access and back, in lines of their own and within one.
#include "say.h"

#define PAGES 8UL
#define READ_WRITE (PROT_READ | PROT_WRITE)

static char pages[PAGES * PAGE] OWN_PAGES;
static char *reserved OWN_PAGES;

static void write_and_seal(char *place) {
  place[0] = 1;
  mprotect(place, PAGE, PROT_READ);
}

static void unseal_and_write(char *place) {
  mprotect(place, PAGE, READ_WRITE);
  place[0] = 2;
}

static void open_a_window(void) {
  mprotect(reserved + 6 * PAGE, PAGE, READ_WRITE);
  reserved[6 * PAGE] = 1;
  mprotect(reserved + 6 * PAGE, PAGE, PROT_NONE);
}

int main(void) {
  SAY_BEGIN();
  memset(pages, 1, sizeof pages);
  SAY(wrote(pages, sizeof pages));
  mprotect(pages, 4 * PAGE, PROT_READ);
  SAY(nothing());
  pages[5 * PAGE] = pages[0];
  SAY(wrote(&pages[5 * PAGE], 1));
  mprotect(pages, 4 * PAGE, READ_WRITE);
  SAY(nothing());
  pages[PAGE] = 2;
  SAY(wrote(&pages[PAGE], 1));
  write_and_seal(pages + 3 * PAGE);
  SAY(wrote(pages + 3 * PAGE, 1));
  unseal_and_write(pages + 3 * PAGE);
  SAY(wrote(pages + 3 * PAGE, 1));
  mprotect(pages + 2 * PAGE, 2 * PAGE, PROT_NONE);
  SAY(nothing());
  mprotect(pages + 2 * PAGE, 2 * PAGE, READ_WRITE);
  SAY(nothing());
  pages[2 * PAGE] = 3;
  SAY(wrote(&pages[2 * PAGE], 1));
  reserved = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SAY(wrote(&reserved, sizeof reserved), created(reserved, PAGES * PAGE));
  mprotect(reserved + 2 * PAGE, 3 * PAGE, READ_WRITE);
  SAY(nothing());
  reserved[3 * PAGE] = 1;
  SAY(wrote(&reserved[3 * PAGE], 1));
  reserved[2 * PAGE] = reserved[4 * PAGE];
  SAY(wrote(&reserved[2 * PAGE], 1));
  unseal_and_write(reserved);
  SAY(wrote(reserved, 1));
  open_a_window();
  SAY(wrote(reserved + 6 * PAGE, 1));
  mprotect(reserved, PAGES * PAGE, READ_WRITE);
  SAY(nothing());
  memset(reserved, 9, PAGES * PAGE);
  SAY(wrote(reserved, PAGES * PAGE));
  return 0;
}

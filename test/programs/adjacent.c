// Mappings that touch, which the kernel makes one: moved, resized and unmapped across the seam, at once and a line later.
#include "say.h"

#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
#define LOW ((char *)0x230000000000)
#define HIGH (LOW + 4 * PAGE)
#define AWAY ((char *)0x240000000000)

static char *place OWN_PAGES;

static char *map(char *where) { return mmap(where, 4 * PAGE, PROT_READ | PROT_WRITE, FLAGS, -1, 0); }

static char *move(char *from, char *to) {
  return mremap(from, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
}

int main(void) {
  SAY_BEGIN();
  place = map(LOW);
  SAY(wrote(&place, sizeof place), created(LOW, 4 * PAGE));
  place[PAGE] = 1;
  SAY(wrote(&place[PAGE], 1));
  place = map(HIGH);
  SAY(wrote(&place, sizeof place), created(HIGH, 4 * PAGE));
  LOW[3 * PAGE] = 2;
  SAY(wrote(&LOW[3 * PAGE], 1));
  place = move(LOW, AWAY);
  SAY(wrote(&place, sizeof place), created(AWAY, 8 * PAGE), removed(LOW, 8 * PAGE), may(AWAY, 4 * PAGE, "moved"));
  place[5 * PAGE] = 3;
  SAY(wrote(&place[5 * PAGE], 1));
  place = map(LOW);
  SAY(wrote(&place, sizeof place), created(LOW, 4 * PAGE));
  place = map(HIGH);
  SAY(wrote(&place, sizeof place), created(HIGH, 4 * PAGE));
  memset(LOW + PAGE, 4, 5 * PAGE);
  SAY(wrote(LOW + PAGE, 5 * PAGE));
  munmap(LOW + 2 * PAGE, 4 * PAGE);
  SAY(removed(LOW + 2 * PAGE, 4 * PAGE));
  LOW[PAGE] = HIGH[3 * PAGE];
  SAY(wrote(&LOW[PAGE], 1));
  place = map(LOW + 2 * PAGE);
  SAY(wrote(&place, sizeof place), created(LOW + 2 * PAGE, 4 * PAGE));
  memset(LOW, 5, 8 * PAGE);
  SAY(wrote(LOW, 8 * PAGE));
  return AWAY[5 * PAGE] == 3 ? 0 : 1;
}

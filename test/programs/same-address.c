// Mappings that come, go and come again at one address, across lines and within one.
#include "say.h"

#define PAGES 16UL
#define PLACE ((char *)0x200000000000)

static char *place OWN_PAGES;

static char *map(void) {
  return mmap(PLACE, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

/// Writes pages 2 and 3 in a mapping that is gone at once; only what replaced it is left to be seen.
static void replace_within(void) {
  place[2 * PAGE] = 1;
  place[3 * PAGE] = 1;
  munmap(place, PAGES * PAGE);
  place = map();
  place[3 * PAGE] = 2;
  place[9 * PAGE] = 2;
}

static void replace_part(void) {
  mmap(PLACE + 4 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  PLACE[5 * PAGE] = 3;
}

static void come_and_go(void) {
  char *bytes = map();
  memset(bytes, 4, PAGES * PAGE);
  munmap(bytes, PAGES * PAGE);
}

int main(void) {
  SAY_BEGIN();
  place = map();
  SAY(wrote(&place, sizeof place), created(place, PAGES * PAGE));
  place[PAGE] = 1;
  SAY(wrote(&place[PAGE], 1));
  munmap(place, PAGES * PAGE);
  SAY(removed(PLACE, PAGES * PAGE));
  place = map();
  SAY(wrote(&place, sizeof place), created(place, PAGES * PAGE));
  memset(place + PAGE, 5, 3 * PAGE);
  SAY(wrote(place + PAGE, 3 * PAGE));
  place = map();
  SAY(wrote(&place, sizeof place), created(place, PAGES * PAGE), removed(place, PAGES * PAGE));
  place[0] = place[7 * PAGE];
  SAY(wrote(place, 1));
  replace_within();
  SAY(wrote(&place, sizeof place), wrote(place + 3 * PAGE, 1), wrote(place + 9 * PAGE, 1), created(place, PAGES * PAGE),
      removed(place, PAGES * PAGE), may(place + 2 * PAGE, 1, "gone"));
  place[2 * PAGE] = 1;
  SAY(wrote(&place[2 * PAGE], 1));
  replace_part();
  SAY(wrote(place + 5 * PAGE, 1), created(place + 4 * PAGE, 4 * PAGE), removed(place + 4 * PAGE, 4 * PAGE));
  place[6 * PAGE] = 1;
  SAY(wrote(&place[6 * PAGE], 1));
  place[5 * PAGE] = 1;
  SAY(wrote(&place[5 * PAGE], 1));
  munmap(place, PAGES * PAGE);
  SAY(removed(PLACE, PAGES * PAGE));
  come_and_go();
  SAY(may(PLACE, PAGES * PAGE, "gone"));
  place = map();
  SAY(wrote(&place, sizeof place), created(place, PAGES * PAGE));
  place[15 * PAGE] = 1;
  SAY(wrote(&place[15 * PAGE], 1));
  return 0;
}

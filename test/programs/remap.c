// mremap: a mapping that moves with its contents, grows where it stands, shrinks, and moves within one line with writes.
#include "say.h"

#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
#define FIRST ((char *)0x210000000000)
#define SECOND ((char *)0x220000000000)

static char *place OWN_PAGES;

static char *move(char *from, char *to, size_t pages) {
  return mremap(from, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
}

static void write_move_write(void) {
  SECOND[0] = 1;
  place = move(SECOND, FIRST, 12);
  FIRST[11 * PAGE] = 2;
}

int main(void) {
  SAY_BEGIN();
  place = mmap(FIRST, 8 * PAGE, PROT_READ | PROT_WRITE, FLAGS, -1, 0);
  SAY(wrote(&place, sizeof place), created(FIRST, 8 * PAGE));
  memset(place, 1, 4 * PAGE);
  SAY(wrote(place, 4 * PAGE));
  place = mremap(place, 8 * PAGE, 12 * PAGE, 0);
  SAY(wrote(&place, sizeof place));
  place[10 * PAGE] = place[9 * PAGE];
  SAY(wrote(&place[10 * PAGE], 1));
  place[2 * PAGE] = 2;
  SAY(wrote(&place[2 * PAGE], 1));
  place = move(FIRST, SECOND, 12);
  SAY(wrote(&place, sizeof place), created(SECOND, 12 * PAGE), removed(FIRST, 12 * PAGE),
      may(SECOND, 4 * PAGE, "moved"), may(SECOND + 10 * PAGE, PAGE, "moved"));
  place[3 * PAGE] = 3;
  SAY(wrote(&place[3 * PAGE], 1));
  place[7 * PAGE] = 4;
  SAY(wrote(&place[7 * PAGE], 1));
  write_move_write();
  SAY(wrote(&place, sizeof place), wrote(FIRST, 1), wrote(&FIRST[11 * PAGE], 1), created(FIRST, 12 * PAGE),
      removed(SECOND, 12 * PAGE), may(FIRST, 4 * PAGE, "moved"), may(FIRST + 7 * PAGE, PAGE, "moved"),
      may(FIRST + 10 * PAGE, PAGE, "moved"));
  place[10 * PAGE] = 5;
  SAY(wrote(&place[10 * PAGE], 1));
  place = mremap(place, 12 * PAGE, 4 * PAGE, 0);
  SAY(wrote(&place, sizeof place));
  place[PAGE] = 6;
  SAY(wrote(&place[PAGE], 1));
  return 0;
}

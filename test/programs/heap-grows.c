// Small pieces of malloc until brk has moved twice, some of them freed and taken again.
#include <stdlib.h>

#include "say.h"

#define PIECE 6000
#define PIECES 60

static char *pieces[PIECES] OWN_PAGES;

int main(void) {
  SAY_BEGIN();
  char *heap = sbrk(0);
  SAY(may_allocator(heap));
  pieces[0] = malloc(PIECE);
  SAY(wrote(&pieces[0], sizeof pieces[0]), wrote(pieces[0] - 8, 8), may_allocator(heap));
  memset(pieces[0], 1, PIECE);
  SAY(wrote(pieces[0], PIECE));
  for (int i = 1; i < PIECES; i += 1) {
    memset(pieces[i] = malloc(PIECE), i, PIECE);
    SAY(wrote(&pieces[i], sizeof pieces[i]), wrote(pieces[i] - 8, 8 + PIECE),
        may(pieces[i] + PIECE, 32, "allocator"), may(heap, PAGE, "allocator"));
  }
  char *top = sbrk(0);
  SAY(nothing());
  free(pieces[10]);
  SAY(may_allocator(heap));
  pieces[10] = malloc(PIECE);
  SAY(wrote(&pieces[10], sizeof pieces[10]), may_allocator(heap));
  pieces[10][PIECE / 2] = 'x';
  SAY(wrote(&pieces[10][PIECE / 2], 1));
  sbrk(8 * PAGE);
  SAY(may(heap, 0, "nothing"));
  top[5 * PAGE] = 'y';
  SAY(wrote(&top[5 * PAGE], 1));
  return (size_t)(top - heap) > 2 * 33 * PAGE ? 0 : 1;
}

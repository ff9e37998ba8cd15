// Recursion 4 MiB below main's frame, a second time over the same stack, and one large frame that skips pages.
#include "say.h"

#define FRAME 1000
#define DEPTH (4UL << 20) / FRAME

static uintptr_t deepest;

static int recurse(unsigned depth) {
  volatile char frame[FRAME];
  for (unsigned i = 0; i < FRAME; i += 1) frame[i] = (char)depth;
  deepest = (uintptr_t)frame;
  return depth == 0 ? 0 : recurse(depth - 1) + frame[0];
}

static void skip(void) {
  volatile char frame[6UL << 20];
  frame[0] = 1;
  frame[sizeof frame / 2] = 2;
  deepest = (uintptr_t)frame;
}

/// From the deepest frame up to the pages below main's frame that any call may use.
static void wrote_frames(const char *frame) {
  wrote(&deepest, sizeof deepest);
  wrote((char *)deepest, (uintptr_t)frame - 128 - deepest);
}

int main(void) {
  const char *const frame = __builtin_frame_address(0);
  SAY_BEGIN();
  recurse(10);
  SAY(wrote_frames(frame));
  recurse(DEPTH);
  SAY(wrote_frames(frame), may((char *)deepest - 64, 64, "frames"));
  recurse(DEPTH / 2);
  SAY(wrote_frames(frame), may((char *)deepest - 64, 64, "frames"));
  skip();
  SAY(wrote(&deepest, sizeof deepest), wrote((char *)deepest, 1), wrote((char *)deepest + (3UL << 20), 1));
  recurse(DEPTH);
  SAY(wrote_frames(frame), may((char *)deepest - 64, 64, "frames"));
  return 0;
}

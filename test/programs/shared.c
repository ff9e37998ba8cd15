// Shared mappings: anonymous ones, and of a file; written, only read, and written through the file's other mapping.
#include <stdlib.h>

#include "say.h"

#define PAGES 8UL
#define READ_WRITE (PROT_READ | PROT_WRITE)

static char *anonymous OWN_PAGES, *first, *second;
static int file OWN_PAGES, sum;

static int temporary_file(void) {
  char name[] = "/tmp/writewatch-XXXXXX";
  const int descriptor = mkstemp(name);
  unlink(name);
  return ftruncate(descriptor, PAGES * PAGE) == 0 ? descriptor : -1;
}

int main(void) {
  SAY_BEGIN();
  anonymous = mmap(NULL, PAGES * PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  SAY(wrote(&anonymous, sizeof anonymous), created(anonymous, PAGES * PAGE));
  sum = anonymous[5 * PAGE];
  SAY(wrote(&sum, sizeof sum));
  anonymous[PAGE] = 1;
  SAY(wrote(&anonymous[PAGE], 1));
  memset(anonymous, 2, 4 * PAGE);
  SAY(wrote(anonymous, 4 * PAGE));
  sum = anonymous[6 * PAGE];
  SAY(wrote(&sum, sizeof sum));
  anonymous[6 * PAGE] = 3;
  SAY(wrote(&anonymous[6 * PAGE], 1));
  file = temporary_file();
  SAY(wrote(&file, sizeof file));
  first = mmap(NULL, PAGES * PAGE, READ_WRITE, MAP_SHARED, file, 0);
  SAY(wrote(&first, sizeof first), created(first, PAGES * PAGE));
  sum += first[PAGE];
  SAY(wrote(&sum, sizeof sum));
  first[2 * PAGE] = 1;
  SAY(wrote(&first[2 * PAGE], 1));
  memset(first + 3 * PAGE, 2, 2 * PAGE);
  SAY(wrote(first + 3 * PAGE, 2 * PAGE));
  sum += first[0] + first[7 * PAGE];
  SAY(wrote(&sum, sizeof sum));
  second = mmap(NULL, PAGES * PAGE, READ_WRITE, MAP_PRIVATE, file, 0);
  SAY(wrote(&second, sizeof second), created(second, PAGES * PAGE));
  sum += second[0] + second[2 * PAGE];
  SAY(wrote(&sum, sizeof sum));
  second[5 * PAGE] = 1;
  SAY(wrote(&second[5 * PAGE], 1));
  sum += second[6 * PAGE];
  SAY(wrote(&sum, sizeof sum));
  (void)!pwrite(file, "x", 1, 7 * PAGE);
  SAY(nothing());
  close(file);
  SAY(nothing());
  return 0;
}

// Memory that the kernel writes on the program's behalf: read, readv, recv, getrandom, a page not yet there.
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "say.h"

static char buffer[16 * PAGE] OWN_PAGES;
static struct stat status OWN_PAGES;
static int ends[2] OWN_PAGES;

int main(void) {
  struct iovec parts[2] = {{buffer + 8 * PAGE, 10}, {buffer + 10 * PAGE - 5, PAGE}};
  SAY_BEGIN();
  int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  SAY(wrote(&zero, sizeof zero));
  (void)!read(zero, buffer + 100, 3 * PAGE);
  SAY(wrote(buffer + 100, 3 * PAGE));
  (void)!pipe2(ends, O_CLOEXEC);
  SAY(wrote(ends, sizeof ends));
  (void)!write(ends[1], buffer + 14 * PAGE, PAGE / 2);
  SAY(nothing());
  (void)!read(ends[0], buffer + 5 * PAGE, PAGE);
  SAY(wrote(buffer + 5 * PAGE, PAGE / 2));
  (void)!write(ends[1], buffer, 2 * PAGE);
  SAY(nothing());
  (void)!read(ends[0], buffer + 6 * PAGE - 1, 2);
  SAY(wrote(buffer + 6 * PAGE - 1, 2));
  (void)!readv(ends[0], parts, 2);
  SAY(wrote(buffer + 8 * PAGE, 10), wrote(buffer + 10 * PAGE - 5, PAGE));
  fstat(zero, &status);
  SAY(wrote(&status, sizeof status));
  (void)!getrandom(buffer + 12 * PAGE, 64, 0);
  SAY(wrote(buffer + 12 * PAGE, 64));
  close(ends[0]);
  SAY(nothing());
  return 0;
}

// Children that share the parent's memory until they exec (posix_spawn), and ones behind a shell (system).
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "say.h"

extern char **environ;
static pid_t child OWN_PAGES;
static int status OWN_PAGES;
static char pages[4 * PAGE] OWN_PAGES;

static void run(const char *command) {
  char *const arguments[] = {(char *)command, NULL};
  posix_spawn(&child, command, NULL, NULL, arguments, environ);
  waitpid(child, &status, 0);
}

int main(void) {
  SAY_BEGIN();
  const void *const heap = sbrk(0);
  SAY(nothing());
  run("/bin/true");
  SAY(wrote(&child, sizeof child), wrote(&status, sizeof status), may_allocator(heap));
  pages[PAGE] = 1;
  SAY(wrote(&pages[PAGE], 1));
  status = system("exit 3");
  SAY(wrote(&status, sizeof status), may_allocator(heap));
  pages[PAGE] = 2;
  SAY(wrote(&pages[PAGE], 1));
  return WEXITSTATUS(status) == 3 ? 0 : 1;
}

// fork: the child writes its own copies, which are not the parent's pages; the parent's later writes are.
#include <sys/wait.h>

#include "say.h"

static char pages[16 * PAGE] OWN_PAGES;
static pid_t child OWN_PAGES;
static int status OWN_PAGES;

/// Waits for the child within the line, so that both wrote in it.
static void both(char parents, char childs) {
  child = fork();
  if (child == 0) {
    memset(pages + 8 * PAGE, childs, 8 * PAGE);
    _exit(3);
  }
  pages[3 * PAGE] = parents;
  waitpid(child, &status, 0);
}

int main(void) {
  SAY_BEGIN();
  memset(pages, 1, sizeof pages);
  SAY(wrote(pages, sizeof pages));
  both(2, 4);
  SAY(wrote(&child, sizeof child), wrote(&status, sizeof status), wrote(&pages[3 * PAGE], 1));
  pages[8 * PAGE] += 1;
  SAY(wrote(&pages[8 * PAGE], 1));
  both(5, 6);
  SAY(wrote(&child, sizeof child), wrote(&status, sizeof status), wrote(&pages[3 * PAGE], 1));
  memset(pages + 6 * PAGE, 7, 4 * PAGE);
  SAY(wrote(pages + 6 * PAGE, 4 * PAGE));
  return pages[8 * PAGE] == 7 && pages[15 * PAGE] == 1 && WEXITSTATUS(status) == 3 ? 0 : 1;
}

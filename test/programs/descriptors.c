// Lists its own open descriptors at its end, in order.
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "say.h"

static char pages[4 * PAGE] OWN_PAGES;

static void list(void) {
  for (int descriptor = 0; descriptor < 1024; descriptor += 1) {
    char name[32] = "/proc/self/fd/", target[256] = {0};
    if (fcntl(descriptor, F_GETFD) < 0) continue;
    strcat(name, (char[]){(char)('0' + descriptor / 100), (char)('0' + descriptor / 10 % 10),
                          (char)('0' + descriptor % 10), '\0'});
    // The directory's names have no leading zeros.
    char *number = name + 14;
    while (*number == '0' && number[1] != '\0') memmove(number, number + 1, strlen(number));
    if (readlink(name, target, sizeof target - 1) < 0) strcpy(target, "?");
    say_text("descriptor ");
    say_number((uintptr_t)descriptor, 10);
    say_character(' ');
    say_line(target);
  }
}

int main(void) {
  list();
  memset(pages, 1, sizeof pages);
  pages[2 * PAGE] = 2;
  list();
  return 0;
}

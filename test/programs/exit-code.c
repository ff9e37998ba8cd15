// Reads its input, writes to both outputs, and ends with a code of its own.
#include "say.h"

static char input[PAGE] OWN_PAGES;

int main(int count, char **arguments) {
  const ssize_t length = read(STDIN_FILENO, input, sizeof input - 1);
  say_text("read: ");
  say_line(length < 0 ? "failed" : input);
  for (int i = 1; i < count; i += 1) say_line(arguments[i]);
  (void)!write(STDERR_FILENO, "an error, as it were\n", 21);
  return 42;
}

/*
 * The first process of a virtual machine that runs this project's tests: mounts what they need, runs Node with the arguments in
 * /arguments (one a line), and ends the machine with Node's exit code, by qemu's device for that.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_PORT 0xf4
#define MOST_ARGUMENTS 32

static void mount_or_say(const char *what, const char *where, const char *type) {
  if (mount(what, where, type, 0, NULL) != 0) perror(where);
}

static void run(void) {
  static char text[4096], *arguments[MOST_ARGUMENTS];
  char *environment[] = {"HOME=/tmp", "PATH=/usr/bin:/bin", NULL};
  int file = open("/arguments", O_RDONLY), count = 0;
  if (file < 0 || read(file, text, sizeof text - 1) < 0 || chdir("/project") != 0) perror("/arguments, /project");
  for (char *line = strtok(text, "\n"); line && count < MOST_ARGUMENTS - 1; line = strtok(NULL, "\n"))
    arguments[count++] = line;
  execve(arguments[0], arguments, environment);
  perror(arguments[0]);
  _exit(1);
}

int main(void) {
  mount_or_say("proc", "/proc", "proc");
  mount_or_say("sysfs", "/sys", "sysfs");
  mount_or_say("devtmpfs", "/dev", "devtmpfs");
  mount_or_say("tmpfs", "/tmp", "tmpfs");
  int console = open("/dev/ttyS0", O_RDWR), state = 1;
  for (int i = 0; i < 3; i++) dup2(console, i);
  pid_t tests = fork();
  if (tests == 0) run();
  while (waitpid(-1, &state, 0) != tests) {
  }
  sync();
  ioperm(EXIT_PORT, 4, 1);
  outl(WIFEXITED(state) ? WEXITSTATUS(state) : 1, EXIT_PORT);
  return 1;
}

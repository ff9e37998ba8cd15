// Threads that block in nanosleep and read; aborts when one of the calls is interrupted or any signal arrives.
//
// With the argument "epoll" one waits in epoll_wait, too. That call ends with EINTR whenever a debugger alone stops its thread
// (signal(7): "even in the absence of signal handlers"), so it is for runs without a debugger.
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <time.h>

#include "say.h"

#define INTERRUPTED 99

static int ends[2], epoll;
static char pages[4 * PAGE] OWN_PAGES;
static pthread_t sleeper, reader, poller;

static void insist(long result, const char *call) {
  if (result >= 0) return;
  say_text(call);
  say_line(errno == EINTR ? ": EINTR" : ": failed");
  _exit(INTERRUPTED);
}

static void unexpected(int number) {
  (void)number;
  (void)!write(STDOUT_FILENO, "unexpected signal\n", 18);
  _exit(INTERRUPTED);
}

static void object_to_signals(void) {
  for (int number = 1; number < 32; number += 1)
    if (number != SIGKILL && number != SIGSTOP && number != SIGCHLD && number != SIGTRAP) signal(number, unexpected);
}

static void *sleep_on(void *argument) {
  const struct timespec length = {.tv_nsec = 30 * 1000 * 1000};
  for (int i = 0; i < 20; i += 1) insist(nanosleep(&length, NULL), "nanosleep");
  return argument;
}

static void *read_on(void *argument) {
  char byte;
  insist(read(ends[0], &byte, 1), "read");
  return argument;
}

static void *poll_on(void *argument) {
  struct epoll_event event;
  insist(epoll_wait(epoll, &event, 1, 20 * 1000), "epoll_wait");
  return argument;
}

int main(int count, char **arguments) {
  const int polls = count > 1 && strcmp(arguments[1], "epoll") == 0;
  const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};
  struct epoll_event event = {.events = EPOLLIN};
  object_to_signals();
  insist(pipe(ends), "pipe");
  insist(epoll = epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  insist(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event), "epoll_ctl");
  pthread_create(&sleeper, NULL, sleep_on, NULL);
  pthread_create(&reader, NULL, read_on, NULL);
  if (polls) pthread_create(&poller, NULL, poll_on, NULL);
  insist(nanosleep(&moment, NULL), "nanosleep of main");
  for (size_t i = 0; i < 4; i += 1) {
    pages[i * PAGE] = (char)i;
    insist(nanosleep(&moment, NULL), "nanosleep of main");
  }
  insist(write(ends[1], "ab", 2), "write");
  pthread_join(reader, NULL);
  if (polls) pthread_join(poller, NULL);
  pthread_join(sleeper, NULL);
  say_line("no call was interrupted");
  return 0;
}

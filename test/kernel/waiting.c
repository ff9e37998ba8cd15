// Waits in the way it is told to, and says what came of it: waiting MODE [MILLISECONDS]. Prints "ready" before, and
// "RESULT ERRNO EARLY MORE" after: EARLY is 1 where it waited for less than it was to, MORE depends on the mode.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int handled, order[64], end;
static int word;
static long milliseconds = 300;

static void count(int signal) {
  if (handled < 64) order[handled] = signal;
  handled = handled + 1;
}

static void linger(int signal) {
  struct timespec time = {0, milliseconds * 1000000};
  count(signal);
  if (nanosleep(&time, 0)) handled = 1000;
}

static void finish(int signal) { end = signal; }

static void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigaction(signal, &action, 0);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

// Arithmetic whose result shows any register that was not what it had been, those of floating point included.
static uint64_t work(uint64_t from, long turns, double *sum) {
  uint64_t a = from, b = from ^ 0x5555, c = from + 77, d = ~from;
  double x = 1, y = 2, z = 3;
  for (long i = 0; i < turns; i += 1) {
    a ^= a << 13, a ^= a >> 7, a ^= a << 17;
    b += a * 31, c ^= b >> 3, d += c ^ a;
    x = x * 0.999 + (double)(a & 255), y += x / 3, z = z * 0.5 + y;
  }
  *sum = x + y + z;
  return a ^ b ^ c ^ d;
}

static void *wake(void *unused) {
  char byte;
  (void)unused;
  if (read(0, &byte, 1) != 1) return 0;
  __atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
  syscall(SYS_futex, &word, FUTEX_WAKE, 1, 0, 0, 0);
  return 0;
}

// Anything but what was asked for ends the program.
static void *serve(void *argument) {
  long which = (long)argument;
  struct timespec time = {0, 3000000};
  int fds[2];
  if (pipe(fds)) abort();
  struct pollfd poller = {.fd = fds[0], .events = POLLIN};
  int set = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(set, EPOLL_CTL_ADD, fds[0], &event);
  double sum, first;
  uint64_t expected = work(which, 100000, &first);
  while (!end) {
    long result = 0;
    switch (which % 5) {
      case 0: result = nanosleep(&time, 0); break;
      case 1: result = poll(&poller, 1, 3); break;
      case 2: result = epoll_wait(set, &event, 1, 3); break;
      case 3: result = work(which, 100000, &sum) != expected || sum != first; break;
      case 4: result = syscall(SYS_futex, &word, FUTEX_WAIT, 0, &time, 0, 0) == -1 && errno != ETIMEDOUT; break;
    }
    if (result != 0) {
      fprintf(stderr, "thread %ld: %ld, errno %d\n", which, result, errno);
      _exit(3);
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  const char *mode = argv[1];
  if (argc > 2) milliseconds = atol(argv[2]);
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  struct timeval interval = {time.tv_sec, time.tv_nsec / 1000};
  sigset_t set, none, before;
  sigemptyset(&set), sigemptyset(&none);
  sigaddset(&set, SIGUSR1);
  char byte;
  long result = -2, more = 0;
  int isTimed = 0;
  pthread_t thread;
  handle(SIGTERM, finish, SA_RESTART);
  setvbuf(stdout, 0, _IONBF, 0);

#define MODE(name) else if (!strcmp(mode, name))
  // Lets others prepare something before "ready" is printed.
  int child = !strcmp(mode, "wait4") ? fork() : -1;
  if (child == 0) _exit(read(0, &byte, 1) == 1 ? 7 : 8);
  if (!strcmp(mode, "sigsuspend") || !strcmp(mode, "sigtimedwait") || !strcmp(mode, "pending")) {
    sigprocmask(SIG_BLOCK, &set, 0);
    handle(SIGUSR1, count, 0);
  }
  double start = now();
  errno = 0;
  if (!strcmp(mode, "read")) {
    puts("ready");
    result = read(0, &byte, 1);
  }
  MODE("read-interruptible") {
    handle(SIGUSR1, count, 0);
    puts("ready");
    result = read(0, &byte, 1);
    more = handled;
  }
  MODE("read-timed-socket") {
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &interval, sizeof interval);
    puts("ready");
    result = read(pair[0], &byte, 1), isTimed = 1;
  }
  MODE("nanosleep") { puts("ready"), result = nanosleep(&time, 0), isTimed = 1; }
  MODE("clock_nanosleep") {
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_nsec += milliseconds * 1000000;
    while (time.tv_nsec >= 1000000000) time.tv_nsec -= 1000000000, time.tv_sec += 1;
    puts("ready"), result = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, 0), isTimed = 1;
  }
  MODE("futex") {
    pthread_create(&thread, 0, wake, 0);
    puts("ready");
    result = syscall(SYS_futex, &word, FUTEX_WAIT, 0, 0, 0, 0);
    // Interrupted by whatever, the kernel begins to wait anew, and the word may have changed since.
    if (result < 0 && errno == EAGAIN && word) result = 0;
    more = word;
  }
  MODE("futex-timed") { puts("ready"), result = syscall(SYS_futex, &word, FUTEX_WAIT, 0, &time, 0, 0), isTimed = 1; }
  MODE("epoll") {
    int waiter = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(waiter, EPOLL_CTL_ADD, 0, &event);
    puts("ready");
    result = epoll_wait(waiter, &event, 1, -1);
  }
  MODE("epoll-timed") {
    int waiter = epoll_create1(0);
    struct epoll_event event;
    puts("ready"), result = epoll_wait(waiter, &event, 1, (int)milliseconds), isTimed = 1;
  }
  MODE("epoll-masked") {
    int waiter = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(waiter, EPOLL_CTL_ADD, 0, &event);
    puts("ready");
    result = epoll_pwait(waiter, &event, 1, -1, &set);
    sigprocmask(SIG_BLOCK, 0, &before);
    more = sigismember(&before, SIGUSR1);
  }
  MODE("poll") {
    struct pollfd poller = {.fd = 0, .events = POLLIN};
    puts("ready"), result = poll(&poller, 1, -1);
  }
  MODE("poll-timed") { puts("ready"), result = poll(0, 0, (int)milliseconds), isTimed = 1; }
  MODE("ppoll-timed") { puts("ready"), result = ppoll(0, 0, &time, &set), isTimed = 1; }
  MODE("select-timed") { puts("ready"), result = select(0, 0, 0, 0, &interval), isTimed = 1; }
  MODE("sigsuspend") {
    puts("ready");
    result = sigsuspend(&none);
    sigprocmask(SIG_BLOCK, 0, &before);
    more = handled * 10 + sigismember(&before, SIGUSR1);
  }
  MODE("sigtimedwait") { puts("ready"), result = sigwaitinfo(&set, 0), more = handled; }
  MODE("pause") { handle(SIGUSR1, count, SA_RESTART), puts("ready"), result = pause(), more = handled; }
  MODE("wait4") { puts("ready"), result = waitpid(child, &word, 0) == child ? WEXITSTATUS(word) : -1; }
  MODE("loop") {
    double sum, first;
    uint64_t expected = work(9, 200000, &first);
    puts("ready");
    for (result = 0; !end && result == 0; more += 1)
      if (work(9, 200000, &sum) != expected || sum != first) result = 1;
    more = 0;
  }
  MODE("threads") {
    pthread_t threads[20];
    for (long i = 0; i < 20; i += 1) pthread_create(&threads[i], 0, serve, (void *)i);
    puts("ready");
    for (int i = 0; i < 20; i += 1) pthread_join(threads[i], 0);
    result = 0;
  }
  MODE("pending") {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
    for (int i = 0; i < 8; i += 1) handle(SIGRTMIN + i, count, 0), sigqueue(getpid(), SIGRTMIN + 7 - i, (union sigval){.sival_int = i});
    puts("ready");
    result = read(0, &byte, 1);
    sigprocmask(SIG_SETMASK, &none, 0);
    for (int i = 0; i < 8; i += 1) more = more * 10 + order[i] - SIGRTMIN;
  }
  MODE("storm") {
    struct itimerval timer = {{0, 1000}, {0, 1000}};
    handle(SIGALRM, count, SA_RESTART);
    puts("ready");
    setitimer(ITIMER_REAL, &timer, 0);
    result = read(0, &byte, 1);
    more = handled > 10;
  }
  MODE("handler") {
    handle(SIGUSR1, linger, SA_RESTART);
    puts("ready");
    raise(SIGUSR1);
    result = 0, more = handled;
    isTimed = 1;
  }
  MODE("vfork") {
    puts("ready");
    int one = vfork();
    if (one == 0) {
      nanosleep(&time, 0);
      _exit(0);
    }
    result = waitpid(one, 0, 0) == one ? 0 : -1, isTimed = 1;
  }
  MODE("forks") {
    puts("ready");
    for (result = 0; !end; more = 0) {
      int one = fork();
      if (one == 0) _exit(5);
      if (waitpid(one, &word, 0) != one || WEXITSTATUS(word) != 5) result = 1;
    }
  }
  MODE("execs") {
    if (milliseconds > 0 && milliseconds == 300) puts("ready");
    char left[20];
    snprintf(left, sizeof left, "%ld", milliseconds - 1);
    if (milliseconds > 0) execl("/proc/self/exe", "waiting", "execs", left, (char *)0);
    result = milliseconds;
  }
  printf("%ld %d %d %ld\n", result, result < 0 ? errno : 0, isTimed && now() - start < milliseconds - 1, more);
  return 0;
}

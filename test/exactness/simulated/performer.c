/*
 * Does on the live kernel what a simulated program did to its memory: the same calls, loads and stores at the same addresses, by
 * as many processes and threads (see live-process.ts).
 *
 * A server reads operations, a line each, "WORKER CALL ARGUMENTS…" in hexadecimal, and at "run" has them performed by the process
 * under test and its children, in their order, an operation each whoever's turn it is; it answers with their results in one line.
 * The server's own reading and writing leaves the process under test as it was. Workers are processes (16 numbers each) and
 * threads in them. Descriptors of the program are ours plus 100.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef uint64_t u64;

#define PAGE 4096ull
#define MOST_OPERATIONS (1 << 15)
#define MOST_PROCESSES 64
#define THREADS 16
#define FIRST_DESCRIPTOR 100
#define BOARD_DESCRIPTOR 90
#define OVER 0xffffffffu
#define PATIENCE_SECONDS 10

static const char *const calls[] = {
    "mmap", "munmap", "mprotect", "mremap", "madvise", "memfd", "create", "open", "ftruncate", "close", "load",
    "store", "vmread", "vmwrite", "fork", "exec", "exit", "userfaultfd", "closeuserfaultfd",
};
enum call {
  MMAP, MUNMAP, MPROTECT, MREMAP, MADVISE, MEMFD, CREATE, OPEN, FTRUNCATE, CLOSE, LOAD,
  STORE, VMREAD, VMWRITE, FORK, EXEC, EXIT, USERFAULTFD, CLOSE_USERFAULTFD, NO_CALL,
};

/* What all processes share. */
static struct board {
  volatile uint32_t turn; /* The worker that performs the next operation. */
  volatile uint32_t next, count;
  volatile pid_t pids[MOST_PROCESSES];
  volatile uint16_t threads[MOST_PROCESSES]; /* A bit for each thread there is. */
  char folder[4000];                         /* Where the programs' files are. */
  useconds_t linger;                         /* A loaded machine's scheduler, for tests: the pause after a turn was given away. */
  struct operation {
    uint32_t worker, call;
    u64 a[6];
    volatile u64 result;
  } operations[MOST_OPERATIONS];
} *board;

static _Thread_local uint32_t me;
static int is_newborn;
static _Thread_local sigjmp_buf landing;
static _Thread_local volatile sig_atomic_t is_guarded;

static void futex(int operation, uint32_t value, const struct timespec *timeout) {
  syscall(SYS_futex, &board->turn, operation, value, timeout, NULL, 0);
}

static void give_turn(uint32_t worker) {
  __atomic_store_n(&board->turn, worker, __ATOMIC_SEQ_CST);
  futex(FUTEX_WAKE, 1 << 20, NULL);
}

static uint32_t turn(void) { return __atomic_load_n(&board->turn, __ATOMIC_SEQ_CST); }

/* Whose turn it is: a thread that does not exist yet is made by its process's first. */
static uint32_t worker_of_next(void) {
  if (board->next == board->count) return OVER;
  uint32_t worker = board->operations[board->next].worker;
  int exists = board->threads[worker / THREADS] >> worker % THREADS & 1;
  return exists ? worker : worker - worker % THREADS;
}

static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)info, (void)context;
  if (!is_guarded) _exit(99);
  siglongjmp(landing, signal);
}

/* Page by page. @returns the bytes done, and from bit 48 on the signal that ended it. */
static u64 touch(u64 address, u64 length, int is_store, int value) {
  volatile u64 done = 0;
  is_guarded = 1;
  int signal = sigsetjmp(landing, 1);
  if (signal == 0) {
    while (done < length) {
      char *place = (char *)(address + done);
      u64 piece = PAGE - (u64)place % PAGE;
      if (piece > length - done) piece = length - done;
      if (is_store) memset(place, value, piece);
      else (void)*(volatile char *)place;
      done += piece;
    }
  }
  is_guarded = 0;
  return done | (u64)signal << 48;
}

static u64 checked(long result) { return result == -1 ? -(u64)errno : (u64)result; }

/* Puts a descriptor where the program's own number says. */
static u64 keep(int descriptor, u64 number) {
  if (descriptor < 0) return -(u64)errno;
  dup2(descriptor, FIRST_DESCRIPTOR + (int)number);
  close(descriptor);
  return number;
}

static const char *path_of(u64 file) {
  static _Thread_local char path[4100];
  snprintf(path, sizeof path, "%s/%d", board->folder, (int)file);
  return path;
}

/* A file of zeroes, in the page cache page by page: what is written at once lies in folios as large. */
static u64 create(u64 file, u64 bytes) {
  static const char zeroes[PAGE];
  int descriptor = open(path_of(file), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) return -(u64)errno;
  for (u64 done = 0; done < bytes;) {
    ssize_t count = write(descriptor, zeroes, bytes - done < PAGE ? bytes - done : PAGE);
    if (count <= 0) return -(u64)errno;
    done += count;
  }
  return close(descriptor);
}

static u64 transfer(const u64 *a, int is_write) {
  static char buffer[1 << 20];
  struct iovec local = {buffer, a[2]}, remote = {(void *)a[1], a[2]};
  if (a[2] > sizeof buffer) return -(u64)E2BIG;
  memset(buffer, (int)a[3], a[2]);
  return checked(is_write ? process_vm_writev(board->pids[a[0]], &local, 1, &remote, 1, 0)
                          : process_vm_readv(board->pids[a[0]], &local, 1, &remote, 1, 0));
}

/* The child is the process of that number, its only thread the first. */
static u64 fork_process(u64 number) {
  board->threads[number] = 1;
  pid_t pid = fork();
  if (pid < 0) return -(u64)errno;
  if (pid > 0) {
    board->pids[number] = pid;
    return 0;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  me = (uint32_t)number * THREADS;
  is_newborn = 1;
  return 0;
}

static void begin_anew(void) {
  char number[16];
  snprintf(number, sizeof number, "%u", me);
  board->threads[me / THREADS] = 1;
  execl("/proc/self/exe", "performer", number, (char *)NULL);
  _exit(97);
}

static u64 perform(enum call call, const u64 *a) {
  int file = FIRST_DESCRIPTOR + (int)a[4];
  switch (call) {
  case MMAP: return checked(syscall(SYS_mmap, a[0], a[1], a[2], a[3], (int)a[4] < 0 ? -1 : file, a[5]));
  case MUNMAP: return checked(munmap((void *)a[0], a[1]));
  case MPROTECT: return checked(syscall(SYS_mprotect, a[0], a[1], a[2]));
  case MREMAP: return checked(syscall(SYS_mremap, a[0], a[1], a[2], a[3], a[4]));
  case MADVISE: return checked(madvise((void *)a[0], a[1], (int)a[2]));
  case MEMFD: return keep(memfd_create("memory", 0), a[0]);
  case CREATE: return create(a[0], a[1]);
  case OPEN: return keep(open(path_of(a[0]), (int)a[1]), a[2]);
  case FTRUNCATE: return checked(ftruncate(FIRST_DESCRIPTOR + (int)a[0], (off_t)a[1]));
  case CLOSE: return checked(close(FIRST_DESCRIPTOR + (int)a[0]));
  case LOAD: return touch(a[0], a[1], 0, 0);
  case STORE: return touch(a[0], a[1], 1, (int)a[2]);
  case VMREAD: return transfer(a, 0);
  case VMWRITE: return transfer(a, 1);
  case FORK: return fork_process(a[0]);
  case EXEC: begin_anew(); return 0;
  case EXIT: return 0;
  case USERFAULTFD: return checked(syscall(SYS_userfaultfd, (int)a[0]));
  case CLOSE_USERFAULTFD: return checked(close((int)a[0]));
  case NO_CALL: break;
  }
  return -(u64)ENOSYS;
}

static void *live(void *argument);

static void make_thread(uint32_t worker) {
  pthread_t thread;
  board->threads[worker / THREADS] |= (uint16_t)(1 << worker % THREADS);
  if (pthread_create(&thread, NULL, live, (void *)(uintptr_t)worker) != 0) _exit(96);
}

static void complete(struct operation *operation, u64 result) {
  operation->result = result;
  board->next++;
  uint32_t worker = worker_of_next();
  if (worker != me || operation->call == EXIT) give_turn(worker);
}

/* A worker's life. */
static void *live(void *argument) {
  me = (uint32_t)(uintptr_t)argument;
  for (;;) {
    uint32_t whose = turn();
    if (whose != me) {
      futex(FUTEX_WAIT, whose, NULL);
      continue;
    }
    struct operation *operation = &board->operations[board->next];
    if (operation->worker != me) {
      make_thread(operation->worker);
      give_turn(operation->worker);
      continue;
    }
    u64 result = perform(operation->call, operation->a);
    if (is_newborn) { /* The operation is its parent's, and may be over. */
      is_newborn = 0;
      continue;
    }
    /* Asked before the turn is given away: after that the server may put the next operations in the place of these. */
    int is_exit = operation->call == EXIT;
    complete(operation, result);
    if (board->linger) usleep(board->linger);
    if (is_exit) _exit(0);
  }
}

static void begin(uint32_t worker) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  signal(SIGCHLD, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  me = worker;
}

static int call_named(const char *name) {
  int call = 0;
  while (call < NO_CALL && strcmp(calls[call], name) != 0) call++;
  return call;
}

static int await(void) {
  const struct timespec patience = {.tv_sec = 1};
  uint32_t whose;
  uint32_t done = 0;
  /* Patience is with one operation, not with all of them: a loaded machine takes its time for thousands. */
  for (time_t begun = time(NULL); (whose = turn()) != OVER;) {
    if (board->next != done) done = board->next, begun = time(NULL);
    if (time(NULL) - begun > PATIENCE_SECONDS || waitpid(-1, NULL, WNOHANG) > 0) return 0;
    futex(FUTEX_WAIT, whose, &patience);
  }
  return 1;
}

static void serve(void) {
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    if (!strcmp(line, "run\n")) {
      board->next = 0;
      give_turn(worker_of_next());
      if (!await()) {
        printf("lost\n");
        exit(1);
      }
      for (uint32_t i = 0; i < board->count; i++) printf("%llx ", (unsigned long long)board->operations[i].result);
      printf("\n");
      fflush(stdout);
      board->count = 0;
      continue;
    }
    char name[32] = "";
    struct operation *operation = &board->operations[board->count++];
    unsigned long long a[6] = {0};
    sscanf(line, "%x %31s %llx %llx %llx %llx %llx %llx", &operation->worker, name, a, a + 1, a + 2, a + 3, a + 4, a + 5);
    for (int i = 0; i < 6; i++) operation->a[i] = a[i];
    operation->call = call_named(name);
  }
}

static void map_board(void) {
  board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, BOARD_DESCRIPTOR, 0);
  if (board == MAP_FAILED) _exit(95);
}

/* With a folder, and microseconds to linger: the server. With a number: a process after exec, in the middle of an operation. */
int main(int count, char **arguments) {
  if (count > 1 && arguments[1][0] != '/') {
    map_board();
    begin((uint32_t)atoi(arguments[1]));
    complete(&board->operations[board->next], 0);
    live((void *)(uintptr_t)me);
  }
  struct rlimit stack = {8 << 20, 8 << 20};
  setrlimit(RLIMIT_STACK, &stack);
  /* Huge pages are the differential test's: here a machine's settings must not matter. */
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int file = memfd_create("board", 0);
  if (file < 0 || ftruncate(file, sizeof *board) != 0 || dup2(file, BOARD_DESCRIPTOR) < 0) return 1;
  close(file);
  map_board();
  strncpy(board->folder, count > 1 ? arguments[1] : ".", sizeof board->folder - 1);
  board->linger = count > 2 ? (useconds_t)atoi(arguments[2]) : 0;
  board->turn = OVER;
  board->threads[0] = 1;
  pid_t pid = fork();
  if (pid == 0) {
    begin(0);
    live(NULL);
  }
  board->pids[0] = pid;
  printf("%x\n", pid);
  fflush(stdout);
  serve();
  return 0;
}

/*
 * Performs programs of memory system calls on the live kernel: the other half of the differential test (see live.ts).
 *
 * A server forks a process with nothing in the arena for each program it reads, so that each begins afresh. That process and
 * the ones it forks take turns, an operation each, and write what came of it into memory they all share; the server
 * sends the whole account when the program is over. Everything is in u64 words, little-endian:
 *
 *   request:  words that follow, operations, bits of a pagemap entry to tell, all categories of this kernel, then per operation:
 *             process (of its second thread: plus 1 << 32), call, arguments, ...; no word at all, while a program is under way,
 *             says that it is known never to end
 *   answer:   status (0 done, 1 hung, 2 crashed), operations performed, words that follow, ...
 *   record:   result or -errno, signal << 8 | si_code, fault address,
 *             words, ... (what the call gave), mappings, each start, end, flags, offset;
 *             regions of the audit, each start, end, categories; pages of the audit's pagemap, ...;
 *             what second threads have ended by now that had to wait: process, words of its record up to what the call gave, ...
 *
 * An operation of a second thread may wait for a userfaultfd's holder; it then answers WAITS, and goes on when another operation lets
 * it. All that is awaited before the next operation begins, so that no two threads ever run at once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef uint64_t u64;

#define PAGE 4096ull
#define MIDDLE 0x108000000000ull
#define ARENA_START (MIDDLE - (32ull << 20))
#define ARENA_END (MIDDLE + (32ull << 20))
#define HEAP (MIDDLE + 96 * PAGE)
#define SCRATCH 0x200000000000ull
#define SCRATCH_BYTES (64 * 1024ull)
#define MAX_BYTES 64
#define ELSEWHERE 1
#define WAITS (-(u64)513)
#define SECOND_THREAD (1ull << 32)
/* Where messages are read to. */
#define MESSAGES (SCRATCH + SCRATCH_BYTES / 2)
#define MOST_MESSAGES 64
#define FILE_BYTES (40 * PAGE)
/* How long an operation may take; and one that by the kernel's own doing may never end (see supervise). */
#define TIME_LIMIT_MS 5000
#define ENDLESS_LIMIT_MS 400
/* The same once the other side told that it found it endless. */
#define HURRIED_LIMIT_MS 20
#define TICK_MS 25
/* Pages around the middle whose pagemap entries are told after each operation. */
#define AUDIT_FIRST (-16)
#define AUDIT_PAGES 96

/* Debian 12's headers are older than these. */
struct scan_arg { u64 word[12]; };
#define SCAN_REQUEST 0xc0606610ul
struct map_query {
  u64 size, flags, address, start, end, vma_flags, page_size, offset, inode;
  uint32_t major, minor, name_size, id_size;
  u64 name, id;
};
#define MAP_QUERY 0xc0686611ul
#define MAP_QUERY_NEXT 0x10
#define UFFD_API 0xc018aa3ful
#define UFFD_REGISTER 0xc020aa00ul
#define UFFD_UNREGISTER 0x8010aa01ul
#define UFFD_WRITEPROTECT 0xc018aa06ul
#define UFFD_WAKE 0x8010aa02ul

/* In the order of CALLS in operation.ts. */
enum call {
  MMAP, MUNMAP, MPROTECT, MREMAP, MADVISE, BRK, MEMFD, FTRUNCATE, CLOSE, USERFAULTFD, UFFDIO_API_, UFFDIO_REGISTER_,
  UFFDIO_UNREGISTER_, UFFDIO_WRITEPROTECT_, SCAN, BAD_IOCTL, READ_PAGEMAP, OPEN_PAGEMAP, CLEAR_REFS, LOAD, STORE, LOAD_EACH,
  STORE_EACH, VM_READ, VM_WRITE, QUERY, OPEN, FORK, EXIT, STORE_WORD, IOCTL, EXEC, UFFDIO_WAKE_, READ_FAULTS,
};

enum kind { KIND_NONE, KIND_MEMORY, KIND_WATCH, KIND_PAGEMAP };

#define REQUEST_WORDS (1 << 16)
#define ANSWER_WORDS (1 << 22)
#define MOST_OPERATIONS 4096
#define MOST_PROCESSES 64
#define JOB_WORDS (1 << 14)

enum { NO_JOB, IN_JOB, JOB_DONE };

/* What the server and all processes of a program share. */
static struct shared {
  int file; /* What all of it is in, for a process that maps it anew after exec. */
  struct { /* Of the process that calls exec, until it goes on. */
    uint32_t me;
    int slots[4][256], common_file;
    unsigned opened[4];
  } kept;
  volatile uint32_t turn; /* Which process performs the next operation; OVER when none does. */
  volatile uint32_t next; /* The next operation. */
  volatile uint32_t processes; /* How many there ever were. */
  volatile uint32_t alive;
  volatile uint32_t living[MOST_PROCESSES]; /* Those alive, in order of birth. */
  volatile pid_t pids[MOST_PROCESSES];
  volatile uint32_t leaver; /* A process that ends; whoever is next must wait until its memory is gone. */
  struct job { /* Of a process's second thread. */
    volatile uint32_t state;
    volatile pid_t thread;
    u64 operation[32]; /* A copy: call, count of arguments, arguments. */
    u64 answered, answer[JOB_WORDS];
  } jobs[MOST_PROCESSES];
  u64 operations, pagemap_bits, categories;
  u64 offsets[MOST_OPERATIONS];
  u64 request[REQUEST_WORDS];
  volatile u64 answered;
  u64 answer[ANSWER_WORDS];
} *shared;

#define OVER 0xffffffffu
#define NOBODY 0xffffffffu

/* Of the process itself, inherited over fork as descriptors are. */
static uint32_t me;
static int slots[4][256];
static unsigned opened[4];
static int own_pagemap, own_maps, common_file;
static u64 audit[3 * 8192];

/* Of each thread: the second one has a stack in second_stack. */
static struct guard {
  sigjmp_buf landing;
  volatile sig_atomic_t is_guarded;
  volatile u64 fault, address;
} guards[2];
static char second_stack[256 * 1024] __attribute__((aligned(16)));

static int is_second(void) {
  const char *here = __builtin_frame_address(0);
  return here >= second_stack && here < second_stack + sizeof second_stack;
}

static struct guard *guard(void) { return &guards[is_second()]; }

static void futex(volatile uint32_t *word, int operation, uint32_t value) {
  syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

static void give_turn(uint32_t process) {
  __atomic_store_n(&shared->turn, process, __ATOMIC_SEQ_CST);
  futex(&shared->turn, FUTEX_WAKE, MOST_PROCESSES + 1);
}

static void put(u64 word) {
  if (is_second()) {
    struct job *job = &shared->jobs[me];
    if (job->answered >= JOB_WORDS) _exit(93);
    job->answer[job->answered++] = word;
    return;
  }
  if (shared->answered >= ANSWER_WORDS) _exit(98);
  shared->answer[shared->answered++] = word;
}

static void put_bytes(const uint8_t *bytes, u64 count) {
  put((count + 7) / 8);
  for (u64 i = 0; i < count; i += 8) {
    u64 word = 0;
    memcpy(&word, bytes + i, count - i < 8 ? count - i : 8);
    put(word);
  }
}

static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)context;
  struct guard *own = guard();
  if (!own->is_guarded) _exit(99);
  own->fault = (u64)signal << 8 | (u64)info->si_code;
  own->address = (u64)info->si_addr;
  siglongjmp(own->landing, 1);
}

/* An access that may fault. @returns how many were made before it did. */
static u64 access_each(u64 address, u64 stride, u64 times, uint8_t *into, const uint8_t *from) {
  volatile u64 done = 0;
  struct guard *own = guard();
  own->is_guarded = 1;
  if (sigsetjmp(own->landing, 0) == 0) {
    for (; done < times; done++) {
      volatile uint8_t *place = (volatile uint8_t *)(address + done * stride);
      if (from) *place = *from;
      else if (into) into[done % MAX_BYTES] = *place;
    }
  }
  own->is_guarded = 0;
  return done;
}

static int descriptor(u64 word) {
  unsigned kind = word >> 8 & 3;
  if (kind == KIND_NONE || opened[kind] == 0) return -1;
  return slots[kind][(word & 255) % opened[kind]];
}

static u64 keep(unsigned kind, int number) {
  if (number < 0) return -(u64)errno;
  if (opened[kind] < 256) slots[kind][opened[kind]++] = number;
  return 0;
}

static u64 checked(long result) { return result == -1 ? -(u64)errno : (u64)result; }

/* Addresses the kernel chose differ from run to run and must not stay. */
static u64 placed(void *address, u64 length) {
  if (address == MAP_FAILED) return -(u64)errno;
  if ((u64)address >= ARENA_START && (u64)address < ARENA_END) return (u64)address;
  munmap(address, length);
  return ELSEWHERE;
}

static pid_t pid_of(u64 process) { return shared->pids[shared->living[process % shared->alive]]; }

static void open_own(void) {
  own_pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  own_maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
}

static void put_words(const u64 *words, u64 count) {
  put(count);
  for (u64 i = 0; i < count; i++) put(words[i]);
}

/* The struct afterwards, and what lies in the scratch memory where regions were asked for. */
static void scan(const u64 *a) {
  struct scan_arg arg;
  memcpy(&arg, a + 1, sizeof arg);
  u64 result = checked(ioctl(descriptor(a[0]), SCAN_REQUEST, &arg));
  put(result);
  put(0);
  put(0);
  u64 vec = a[6], regions = 0;
  if (vec >= SCRATCH && vec < SCRATCH + SCRATCH_BYTES && vec % 8 == 0) {
    u64 room = (SCRATCH + SCRATCH_BYTES - vec) / 24, returned = (int64_t)result > 0 ? result : 0;
    u64 given = a[7] < 16 ? a[7] : 16;
    regions = (returned > given ? returned : given) + 1;
    if (regions > room) regions = room;
  }
  put(12 + 3 * regions);
  for (int i = 0; i < 12; i++) put(arg.word[i]);
  for (u64 i = 0; i < 3 * regions; i++) put(((u64 *)vec)[i]);
}

/* An ioctl of a userfaultfd: its struct's words in and out. */
static void userfaultfd_ioctl(const u64 *a, unsigned long request, int words) {
  u64 arg[4] = {0};
  memcpy(arg, a + 1, words * sizeof *arg);
  put(checked(ioctl(descriptor(a[0]), request, arg)));
  put(0);
  put(0);
  put_words(arg, words);
}

static void plain(u64 result) {
  put(result);
  put(0);
  put(0);
  put(0);
}

static void read_pagemap(const u64 *a) {
  static u64 entries[1024];
  u64 pages = a[2] > 1024 ? 1024 : a[2];
  u64 result = checked(pread(descriptor(a[0]), entries, pages * 8, a[1] / PAGE * 8));
  u64 filled = (int64_t)result > 0 ? result / 8 : 0;
  put((int64_t)result > 0 ? filled : result);
  put(0);
  put(0);
  put(filled);
  for (u64 i = 0; i < filled; i++) put(entries[i] & shared->pagemap_bits);
}

static void transfer(const u64 *a, int is_write) {
  uint8_t bytes[MAX_BYTES] = {0};
  u64 count = a[2] > MAX_BYTES ? MAX_BYTES : a[2];
  if (is_write) memset(bytes, (int)a[3], count);
  struct iovec local = {bytes, count}, remote = {(void *)a[1], count};
  pid_t pid = pid_of(a[0]);
  u64 result = checked(is_write ? process_vm_writev(pid, &local, 1, &remote, 1, 0)
                                : process_vm_readv(pid, &local, 1, &remote, 1, 0));
  put(result);
  put(0);
  put(0);
  put_bytes(bytes, is_write || (int64_t)result < 0 ? 0 : result);
}

/* Loads and stores: how many were made, and how it ended. */
static void touch(u64 address, u64 stride, u64 times, int is_write, uint8_t value, int tells) {
  uint8_t bytes[MAX_BYTES] = {0};
  struct guard *own = guard();
  own->fault = own->address = 0;
  u64 done = access_each(address, stride, times, is_write ? NULL : bytes, is_write ? &value : NULL);
  put(done);
  put(own->fault);
  put(own->address);
  put_bytes(bytes, tells && !is_write ? done : 0);
}

/* Whose thread a message names: twice the process's number, and one more for its second thread. */
static u64 who(pid_t thread) {
  for (uint32_t i = 0; i < shared->processes; i++) {
    if (shared->pids[i] == thread) return 2 * i;
    if (thread && shared->jobs[i].thread == thread) return 2 * i + 1;
  }
  return thread ? ~0ull : 0;
}

/* Messages of a userfaultfd that never waits for one. */
static void read_faults(const u64 *a) {
  int file = descriptor(a[0]);
  int flags = fcntl(file, F_GETFL);
  if (flags >= 0 && !(flags & O_NONBLOCK)) return plain(WAITS);
  u64 bytes = a[1] > 32 * MOST_MESSAGES ? 32 * MOST_MESSAGES : a[1];
  u64 result = checked(read(file, (void *)MESSAGES, bytes));
  put(result);
  put(0);
  put(0);
  u64 count = (int64_t)result > 0 ? result / 32 : 0, *words = (u64 *)MESSAGES;
  put(4 * count);
  for (u64 i = 0; i < count; i++) {
    put(words[4 * i]);
    put(words[4 * i + 1]);
    put(words[4 * i + 2]);
    put(who((pid_t)words[4 * i + 3]));
  }
}

static void clear_refs(u64 kind) {
  char text[24];
  int length = snprintf(text, sizeof text, "%d", (int)kind);
  int file = open("/proc/self/clear_refs", O_WRONLY);
  long written = write(file, text, length);
  plain(written < 0 ? -(u64)errno : 0);
  close(file);
}

/* A child of the server, not ours, so that the server learns of its end; its memory is a copy of ours all the same. */
static void fork_process(void) {
  if (shared->processes == MOST_PROCESSES) return plain(-(u64)EAGAIN);
  uint32_t number = shared->processes;
  long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) {
    me = number;
    shared->jobs[me].state = shared->jobs[me].thread = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(own_pagemap);
    close(own_maps);
    open_own();
    slots[KIND_PAGEMAP][0] = own_pagemap;
    return;
  }
  if (pid > 0) {
    shared->processes++;
    shared->pids[number] = pid;
    shared->living[shared->alive++] = number;
  }
  plain(pid < 0 ? -(u64)errno : 0);
}

static void leave(void) {
  if (shared->alive == 1) return plain(-(u64)ECHILD);
  uint32_t left = 0;
  for (uint32_t i = 0; i < shared->alive; i++)
    if (shared->living[i] != me) shared->living[left++] = shared->living[i];
  shared->alive = left;
  shared->leaver = me;
  plain(0);
}

/* What a query finds inside the arena; inode numbers are told only as there being one. */
static void query(const u64 *a) {
  /* Larger structs than the kernel knows are welcome as long as the rest is zero. */
  static struct {
    struct map_query query;
    char rest[2 * PAGE];
  } larger;
  memset(&larger, 0, sizeof larger);
  larger.query = (struct map_query){.size = a[0], .flags = a[1], .address = a[2]};
  u64 result = checked(ioctl(own_maps, MAP_QUERY, &larger));
  struct map_query query = larger.query;
  int looks_on = (a[1] & MAP_QUERY_NEXT) != 0;
  if (((int64_t)result == 0 && query.start >= ARENA_END) || (result == -(u64)ENOENT && looks_on)) return plain(ELSEWHERE);
  put(result);
  put(0);
  put(0);
  u64 words[] = {query.start, query.end, query.vma_flags, query.page_size, query.offset, query.inode != 0};
  put_words(words, (int64_t)result == 0 ? 6 : 0);
}

static void store_word(u64 address, u64 value) {
  volatile u64 done = 0;
  struct guard *own = guard();
  own->fault = own->address = 0;
  own->is_guarded = 1;
  if (sigsetjmp(own->landing, 0) == 0) {
    __asm__ volatile("movq %1, (%0)" : : "r"(address), "r"(value) : "memory");
    done = 1;
  }
  own->is_guarded = 0;
  put(done);
  put(own->fault);
  put(own->address);
  put(0);
}

/* The program goes on in the new memory, in go_on. */
static void exec_again(void) {
  char file[16];
  snprintf(file, sizeof file, "%d", shared->file);
  shared->kept.me = me;
  shared->kept.common_file = common_file;
  memcpy(shared->kept.slots, slots, sizeof slots);
  memcpy(shared->kept.opened, opened, sizeof opened);
  execl("/proc/self/exe", "performer", file, NULL);
  _exit(95);
}

static void perform(u64 call, const u64 *a) {
  switch ((enum call)call) {
  case MMAP:
    return plain(placed((void *)syscall(SYS_mmap, a[0], a[1], a[2], a[3], descriptor(a[4]), a[5]), a[1]));
  case MUNMAP: return plain(checked(munmap((void *)a[0], a[1])));
  case MPROTECT: return plain(checked(syscall(SYS_mprotect, a[0], a[1], a[2])));
  case MREMAP: return plain(placed((void *)syscall(SYS_mremap, a[0], a[1], a[2], a[3], a[4]), a[2]));
  case MADVISE:
    /* MADV_HWPOISON and MADV_SOFT_OFFLINE would take memory away from the machine for good. */
    if (a[2] == 100 || a[2] == 101) return plain(-(u64)ENOSYS);
    return plain(checked(madvise((void *)a[0], a[1], (int)a[2])));
  case BRK: return plain((u64)syscall(SYS_brk, a[0]));
  case MEMFD: return plain(keep(KIND_MEMORY, memfd_create("memory", 0)));
  case FTRUNCATE: return plain(checked(ftruncate(descriptor(a[0]), (off_t)a[1])));
  case CLOSE: {
    unsigned kind = a[0] >> 8 & 3;
    int number = descriptor(a[0]);
    /* The process's own pagemap is what the audit reads. */
    if (number == own_pagemap) return plain(-(u64)EBADF);
    plain(checked(close(number)));
    if (number >= 0) slots[kind][(a[0] & 255) % opened[kind]] = -1;
    return;
  }
  case USERFAULTFD: return plain(keep(KIND_WATCH, (int)syscall(SYS_userfaultfd, (int)a[0])));
  case UFFDIO_API_: return userfaultfd_ioctl(a, UFFD_API, 3);
  case UFFDIO_REGISTER_: return userfaultfd_ioctl(a, UFFD_REGISTER, 4);
  case UFFDIO_UNREGISTER_: return userfaultfd_ioctl(a, UFFD_UNREGISTER, 2);
  case UFFDIO_WRITEPROTECT_: return userfaultfd_ioctl(a, UFFD_WRITEPROTECT, 3);
  case SCAN: return scan(a);
  /* The last page of the lower half is never mapped. */
  case BAD_IOCTL: return plain(checked(ioctl(descriptor(a[0]), a[1], (void *)0x7fffffffe800)));
  case READ_PAGEMAP: return read_pagemap(a);
  case OPEN_PAGEMAP: {
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/pagemap", pid_of(a[0]));
    return plain(keep(KIND_PAGEMAP, open(path, O_RDONLY)));
  }
  case CLEAR_REFS: return clear_refs(a[0]);
  case LOAD: return touch(a[0], 1, a[1] > MAX_BYTES ? MAX_BYTES : a[1], 0, 0, 1);
  case STORE: return touch(a[0], 1, a[1] > MAX_BYTES ? MAX_BYTES : a[1], 1, (uint8_t)a[2], 0);
  case LOAD_EACH: return touch(a[0], a[1], a[2], 0, 0, 0);
  case STORE_EACH: return touch(a[0], a[1], a[2], 1, (uint8_t)a[3], 0);
  case VM_READ: return transfer(a, 0);
  case VM_WRITE: return transfer(a, 1);
  case QUERY: return query(a);
  case OPEN: {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", common_file);
    return plain(keep(KIND_MEMORY, open(path, (int)a[0])));
  }
  case FORK: return fork_process();
  case EXIT: return leave();
  case STORE_WORD: return store_word(a[0], a[1]);
  case IOCTL: return plain(checked(ioctl(descriptor(a[0]), a[1], (void *)a[2])));
  case EXEC: return exec_again();
  case UFFDIO_WAKE_: return userfaultfd_ioctl(a, UFFD_WAKE, 2);
  case READ_FAULTS: return read_faults(a);
  }
}

static void put_mappings(void) {
  u64 place = shared->answered, count = 0;
  put(0);
  for (u64 address = ARENA_START; address < ARENA_END;) {
    struct map_query query = {.size = sizeof query, .flags = MAP_QUERY_NEXT, .address = address};
    if (ioctl(own_maps, MAP_QUERY, &query) < 0 || query.start >= ARENA_END) break;
    put(query.start < ARENA_START ? ARENA_START : query.start);
    put(query.end > ARENA_END ? ARENA_END : query.end);
    put((query.vma_flags & 15) | (query.inode ? 16 : 0));
    put(query.offset);
    count++;
    address = query.end;
  }
  shared->answer[place] = count;
}

static void put_audit(void) {
  struct scan_arg arg = {{sizeof arg, 0, ARENA_START, ARENA_END, 0, (u64)audit, sizeof audit / 24, 0, 0, 0, 0, shared->categories}};
  u64 regions = checked(ioctl(own_pagemap, SCAN_REQUEST, &arg));
  put(regions);
  for (u64 i = 0; (int64_t)regions > 0 && i < 3 * regions; i++) put(audit[i]);
  u64 entries[AUDIT_PAGES];
  u64 filled = checked(pread(own_pagemap, entries, sizeof entries, (MIDDLE / PAGE + AUDIT_FIRST) * 8)) / 8;
  put(filled);
  for (u64 i = 0; i < filled; i++) put(entries[i] & shared->pagemap_bits);
}

/* A process's second thread: performs the jobs it is given. */
static int work(void *nothing) {
  (void)nothing;
  struct job *job = &shared->jobs[me];
  job->thread = (pid_t)syscall(SYS_gettid);
  for (;;) {
    while (job->state != IN_JOB) futex(&job->state, FUTEX_WAIT, job->state);
    job->answered = 0;
    perform(job->operation[0], job->operation + 2);
    __atomic_store_n(&job->state, JOB_DONE, __ATOMIC_SEQ_CST);
    futex(&job->state, FUTEX_WAKE, MOST_PROCESSES + 1);
  }
  return 0;
}

/* Whether a process's second thread waits in a fault for an answer. */
static int is_held(uint32_t process) {
  char path[64], name[32] = {0};
  snprintf(path, sizeof path, "/proc/%d/task/%d/wchan", shared->pids[process], shared->jobs[process].thread);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 1; /* It is gone. */
  ssize_t length = read(file, name, sizeof name - 1);
  close(file);
  return length > 0 && strcmp(name, "handle_userfault") == 0;
}

static void settle(uint32_t process) {
  struct job *job = &shared->jobs[process];
  struct timespec moment = {0, 20000};
  while (job->state == IN_JOB) {
    if (job->thread && is_held(process)) return;
    syscall(SYS_futex, &job->state, FUTEX_WAIT, IN_JOB, &moment, NULL, 0);
  }
}

/* Has the second thread perform an operation. */
static void delegate(const u64 *operation) {
  struct job *job = &shared->jobs[me];
  if (job->state == IN_JOB) return plain(-(u64)EBUSY);
  memcpy(job->operation, operation + 1, (2 + operation[2]) * sizeof *operation);
  __atomic_store_n(&job->state, IN_JOB, __ATOMIC_SEQ_CST);
  if (!job->thread) {
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    if (clone(work, second_stack + sizeof second_stack, flags, NULL) < 0) _exit(92);
  }
  futex(&job->state, FUTEX_WAKE, MOST_PROCESSES + 1);
  settle(me);
  if (job->state == IN_JOB) return plain(WAITS);
  for (u64 i = 0; i < job->answered; i++) put(job->answer[i]);
  job->state = NO_JOB;
}

/* What second threads have ended that had to wait. */
static void put_late(void) {
  u64 place = shared->answered, count = 0;
  put(0);
  for (uint32_t i = 0; i < shared->alive; i++) {
    uint32_t process = shared->living[i];
    struct job *job = &shared->jobs[process];
    if (job->state != JOB_DONE) continue;
    put(process);
    put(job->answered);
    for (u64 word = 0; word < job->answered; word++) put(job->answer[word]);
    job->state = NO_JOB;
    count++;
  }
  shared->answer[place] = count;
}

static void hand_over(void) {
  uint32_t next = ++shared->next;
  if (next == shared->operations) {
    give_turn(OVER);
    return;
  }
  uint32_t process = (uint32_t)shared->request[shared->offsets[next]];
  uint32_t turn = shared->living[process % shared->alive];
  if (turn != me || shared->leaver != NOBODY) give_turn(turn);
}

/* What comes after each operation. */
static void tell(void) {
  for (uint32_t i = 0; i < shared->alive; i++) settle(shared->living[i]);
  put_mappings();
  put_audit();
  put_late();
  if (shared->leaver == me) _exit(0); /* The server hands over when all of this process is gone. */
  hand_over();
}

/* A process's life: it waits for its turns. */
static void live(void) {
  for (;;) {
    uint32_t turn = __atomic_load_n(&shared->turn, __ATOMIC_SEQ_CST);
    if (turn == OVER) _exit(0);
    if (turn != me) {
      futex(&shared->turn, FUTEX_WAIT, turn);
      continue;
    }
    const u64 *operation = shared->request + shared->offsets[shared->next];
    uint32_t self = me;
    if (operation[0] & SECOND_THREAD) delegate(operation);
    else perform(operation[1], operation + 3);
    if (me != self) continue; /* Just born. */
    tell();
  }
}

/* Lets the heap begin in the arena, empty. Nothing here calls malloc. */
static int move_heap(void) {
  char text[1024], *at;
  int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return -1;
  text[length] = 0;
  u64 field[52] = {0};
  at = strrchr(text, ')') + 4; /* Behind the name and the state. */
  for (int i = 4; i < 52; i++) field[i] = strtoull(at, &at, 10);
  struct prctl_mm_map map = {
      .start_code = field[26], .end_code = field[27], .start_stack = field[28], .start_data = field[45], .end_data = field[46],
      .start_brk = HEAP, .brk = HEAP, .arg_start = field[48], .arg_end = field[49], .env_start = field[50], .env_end = field[51],
      .exe_fd = (uint32_t)-1,
  };
  return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0);
}

/* Processors with protection keys would refuse reads of memory that is for execution only: without a free key they don't. */
static void take_protection_keys(void) {
  while (syscall(SYS_pkey_alloc, 0, 0) >= 0) {
  }
}

static void prepare_process(void) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  signal(SIGALRM, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  void *scratch = mmap((void *)SCRATCH, SCRATCH_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (scratch == MAP_FAILED) _exit(97);
  memset(scratch, 0xaa, SCRATCH_BYTES);
  if (move_heap() < 0) _exit(96);
}

static void begin_program(void) {
  prepare_process();
  open_own();
  slots[KIND_PAGEMAP][0] = own_pagemap;
  opened[KIND_PAGEMAP] = 1;
  me = 0;
  live();
}

/* After exec. */
static void go_on(int file) {
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) _exit(94);
  take_protection_keys();
  me = shared->kept.me;
  shared->jobs[me].state = shared->jobs[me].thread = 0;
  common_file = shared->kept.common_file;
  memcpy(slots, shared->kept.slots, sizeof slots);
  memcpy(opened, shared->kept.opened, sizeof opened);
  for (unsigned kind = 0; kind < 4; kind++)
    for (unsigned i = 0; i < opened[kind]; i++)
      if (fcntl(slots[kind][i], F_GETFD) < 0) slots[kind][i] = -1;
  prepare_process();
  open_own();
  slots[KIND_PAGEMAP][0] = own_pagemap;
  plain(0);
  tell();
  live();
}

static int read_fully(int file, void *into, size_t bytes) {
  for (size_t done = 0; done < bytes;) {
    ssize_t count = read(file, (char *)into + done, bytes - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return 0;
    done += count;
  }
  return 1;
}

static void write_fully(int file, const void *from, size_t bytes) {
  for (size_t done = 0; done < bytes;) {
    ssize_t count = write(file, (const char *)from + done, bytes - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) exit(1);
    done += count;
  }
}

static void nothing(int signal) { (void)signal; }

static u64 milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

static void kill_all(const unsigned char *gone) {
  for (uint32_t i = 0; i < shared->processes; i++)
    if (!gone[i]) kill(shared->pids[i], SIGKILL);
}

/*
 * MADV_GUARD_INSTALL goes round for ever where it meets write-protection markers in memory of files: it zaps what is in its
 * way and tries again, and zapping leaves these markers.
 */
static int is_hurried;

static void look_for_hurry(void) {
  struct pollfd input = {0, POLLIN, 0};
  u64 none;
  if (!is_hurried && poll(&input, 1, 0) > 0) is_hurried = read_fully(0, &none, sizeof none);
}

static u64 time_limit(void) {
  const u64 *operation = shared->request + shared->offsets[shared->next];
  int may_be_endless = shared->next < shared->operations && operation[1] == MADVISE && operation[5] == 102;
  if (!may_be_endless) return TIME_LIMIT_MS;
  return is_hurried ? HURRIED_LIMIT_MS : ENDLESS_LIMIT_MS;
}

/* Waits for all processes of a program. @returns its status. */
static u64 supervise(void) {
  u64 status = 0, since = milliseconds();
  uint32_t at = 0, ticks_after_kill = 0;
  unsigned char gone[MOST_PROCESSES] = {0};
  for (uint32_t left = 1; left > 0;) {
    int state;
    pid_t pid = waitpid(-1, &state, 0);
    if (pid < 0 && errno == ECHILD) break;
    if (pid < 0) { /* A tick. */
      look_for_hurry();
      if (shared->next != at) {
        at = shared->next;
        since = milliseconds();
      } else if (status != 0 || milliseconds() - since > time_limit()) {
        /* One that cannot be killed must not hold the run up: it is left behind. */
        if (ticks_after_kill++ > 100) return 1;
        status = status ? status : 1;
        kill_all(gone);
      }
      continue;
    }
    uint32_t number = NOBODY;
    for (uint32_t i = 0; i < shared->processes; i++)
      if (shared->pids[i] == pid) number = i;
    if (number == NOBODY) continue;
    gone[number] = 1;
    if (!(WIFEXITED(state) && WEXITSTATUS(state) == 0) && status == 0) {
      status = 2;
      kill_all(gone);
    }
    if (number == shared->leaver && status == 0) {
      shared->leaver = NOBODY;
      me = NOBODY;
      hand_over();
    }
    left = 0;
    for (uint32_t i = 0; i < shared->processes; i++) left += !gone[i];
  }
  return status;
}

/*
 * A file on disk, all of it in the page cache: a fresh one for each program that opens it, since programs change it. Written
 * page by page, because the cache keeps what is written at once in folios as large as that.
 */
static int new_file(void) {
  static const char zeroes[PAGE];
  int file = open(".", O_TMPFILE | O_RDWR, 0600);
  for (u64 i = 0; i < FILE_BYTES / PAGE; i++)
    if (write(file, zeroes, PAGE) != (ssize_t)PAGE) perror("the file for programs");
  return file;
}

static int serve(void) {
  u64 words;
  do
    if (!read_fully(0, &words, sizeof words)) return 0;
  while (words == 0); /* A hurry that came too late. */
  if (words < 3 || words > REQUEST_WORDS || !read_fully(0, shared->request, words * 8)) return 0;
  shared->operations = shared->request[0];
  shared->pagemap_bits = shared->request[1];
  shared->categories = shared->request[2];
  u64 offset = 3, opens = 0;
  for (u64 i = 0; i < shared->operations && i < MOST_OPERATIONS; i++) {
    shared->offsets[i] = offset;
    opens += shared->request[offset + 1] == OPEN;
    offset += 3 + shared->request[offset + 2];
  }
  common_file = opens ? new_file() : -1;
  is_hurried = 0;
  shared->next = 0;
  shared->answered = 0;
  shared->processes = shared->alive = 1;
  shared->living[0] = 0;
  shared->leaver = NOBODY;
  for (int i = 0; i < MOST_PROCESSES; i++) shared->jobs[i].state = shared->jobs[i].thread = 0;
  shared->turn = NOBODY - 1; /* Nobody's, until its pid is known. */
  pid_t pid = fork();
  if (pid == 0) begin_program();
  shared->pids[0] = pid;
  give_turn(shared->operations ? 0 : OVER);
  u64 head[3];
  head[0] = supervise();
  if (opens) close(common_file);
  head[1] = shared->next;
  head[2] = shared->answered;
  write_fully(1, head, sizeof head);
  write_fully(1, shared->answer, shared->answered * 8);
  return 1;
}

int main(int count, char **arguments) {
  if (count > 1) go_on(atoi(arguments[1]));
  /* One processor: pages wait in lists a processor has of its own, and what is found there depends on where one runs. */
  cpu_set_t processors;
  sched_getaffinity(0, sizeof processors, &processors);
  int last = 0;
  for (int i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET(i, &processors)) last = i;
  CPU_ZERO(&processors);
  CPU_SET(last, &processors);
  sched_setaffinity(0, sizeof processors, &processors);
  /* How far stacks grow; and no core files. */
  struct rlimit stack = {8 << 20, 8 << 20}, none = {0, 0};
  setrlimit(RLIMIT_STACK, &stack);
  setrlimit(RLIMIT_CORE, &none);
  take_protection_keys();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int file = memfd_create("performer", 0);
  if (file < 0 || ftruncate(file, sizeof *shared) < 0) return 1;
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) return 1;
  shared->file = file;
  signal(SIGINT, SIG_IGN); /* Ctrl-C is for who started us. */
  struct sigaction tick = {.sa_handler = nothing};
  sigaction(SIGALRM, &tick, NULL);
  struct itimerval interval = {{0, TICK_MS * 1000}, {0, TICK_MS * 1000}};
  setitimer(ITIMER_REAL, &interval, NULL);
  while (serve()) {
  }
  return 0;
}

// A program that does to its memory what its standard input says, so that a test knows what was written.
// It opens its own userfaultfd, which stands in for the call a debugger injects, and closes its copy when told.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

struct pm_scan_arg {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
  uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)
#define WRITTEN 2
#define WP_ASYNC (1 << 15)

static int last_watch = -1;

// Maps memory and watches it, as a garbage collector or Wine does: with a userfaultfd of its own, which stays open.
static unsigned long map_watched(unsigned long length) {
  int watch = last_watch = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1);
  struct uffdio_api api = {.api = UFFD_API, .features = WP_ASYNC};
  if (ioctl(watch, UFFDIO_API, &api)) return ~0UL;
  char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct uffdio_register range = {.range = {(unsigned long)memory, length}, .mode = UFFDIO_REGISTER_MODE_WP};
  if (ioctl(watch, UFFDIO_REGISTER, &range)) return ~0UL;
  struct uffdio_writeprotect protect = {.range = range.range, .mode = UFFDIO_WRITEPROTECT_MODE_WP};
  return ioctl(watch, UFFDIO_WRITEPROTECT, &protect) ? ~0UL : (unsigned long)memory;
}

// How many pages were written since the last time, by its own account.
static unsigned long take_written(unsigned long address, unsigned long length) {
  uint64_t regions[64][3];
  int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  struct pm_scan_arg arg = {.size = sizeof arg, .flags = 1, .start = address, .end = address + length};
  arg.vec = (unsigned long)regions;
  arg.vec_len = 64;
  arg.category_mask = arg.return_mask = WRITTEN;
  long found = ioctl(pagemap, PAGEMAP_SCAN, &arg);
  unsigned long pages = 0;
  for (long i = 0; i < found; ++i) pages += (regions[i][1] - regions[i][0]) >> 12;
  close(pagemap);
  return found < 0 ? ~0UL : pages;
}

static char last_file[64];

// Maps a fresh file whose name holds a carriage return, each page of it filled.
static unsigned long map_file(unsigned long length, int shared, int protection) {
  snprintf(last_file, sizeof last_file, "/tmp/writewatch-\r-%d-XXXXXX", (int)getpid());
  int file = mkstemp(last_file);
  if (file < 0 || ftruncate(file, (off_t)length)) return ~0UL;
  for (unsigned long at = 0; at < length; at += 4096) if (pwrite(file, "page", 4, (off_t)at) != 4) return ~0UL;
  void *memory = mmap(NULL, length, protection, shared ? MAP_SHARED : MAP_PRIVATE, file, 0);
  close(file);
  return (unsigned long)memory;
}

// Opens an io_uring and registers memory as its buffer; the ring stays open. Returns its descriptor.
static unsigned long register_with_ring(unsigned long address, unsigned long length) {
  struct io_uring_params parameters = {0};
  int ring = (int)syscall(SYS_io_uring_setup, 4, &parameters);
  if (ring < 0) return ~0UL;
  struct iovec buffer = {(void *)address, length};
  return syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1) ? ~0UL : (unsigned long)ring;
}

// Opens an io_uring and has it read from a pipe that nobody writes to: a request that stays under way. Returns the ring.
static unsigned long start_read(unsigned long address) {
  struct io_uring_params parameters = {0};
  int ring = (int)syscall(SYS_io_uring_setup, 4, &parameters), ends[2];
  if (ring < 0 || pipe(ends)) return ~0UL;
  const int both = PROT_READ | PROT_WRITE;
  char *queue = mmap(NULL, 4096, both, MAP_SHARED, ring, IORING_OFF_SQ_RING);
  struct io_uring_sqe *entry = mmap(NULL, 4096, both, MAP_SHARED, ring, IORING_OFF_SQES);
  if (queue == MAP_FAILED || entry == MAP_FAILED) return ~0UL;
  *entry = (struct io_uring_sqe){.opcode = IORING_OP_READ, .fd = ends[0], .addr = address, .len = 1};
  ((unsigned *)(queue + parameters.sq_off.array))[0] = 0;
  *(volatile unsigned *)(queue + parameters.sq_off.tail) = 1;
  return syscall(SYS_io_uring_enter, ring, 1, 0, 0, NULL, 0) == 1 ? (unsigned long)ring : ~0UL;
}

// Opens a fresh file for direct I/O, which goes with its descriptor.
static unsigned long open_direct(void) {
  char path[] = "/tmp/writewatch-direct-XXXXXX";
  int file = mkostemp(path, O_DIRECT);
  unlink(path);
  return (unsigned long)file;
}

static volatile unsigned long alarms;
static volatile unsigned long initialized[2] = {1, 2};

static void count_alarm(int signal) { alarms += signal == SIGALRM; }

static void *sleep_on(void *unused) {
  for (;;) pause();
  return unused;
}

static unsigned long start_threads(unsigned long count) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 << 10);
  pthread_t thread;
  for (unsigned long i = 0; i < count; ++i) if (pthread_create(&thread, &small, sleep_on, NULL)) return ~0UL;
  return 0;
}

static void answer(unsigned long value) {
  printf("%#lx\n", value);
  fflush(stdout);
}

int main(void) {
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    char command[32];
    unsigned long a = 0, b = 0, c = 0;
    sscanf(line, "%31s %lx %lx %lx", command, &a, &b, &c);
    if (!strcmp(command, "userfaultfd")) { // 1: for the kernel's stores, too
      answer((unsigned long)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | (a ? 0 : 1)));
    } else if (!strcmp(command, "close")) {
      answer((unsigned long)close((int)a));
    } else if (!strcmp(command, "map")) { // address or 0, length, 1: shared
      int flags = (c ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS | MAP_NORESERVE | (a ? MAP_FIXED : 0);
      answer((unsigned long)mmap((void *)a, b, PROT_READ | PROT_WRITE, flags, -1, 0));
    } else if (!strcmp(command, "mapmany")) { // count, address: every second page
      unsigned long done = 0;
      for (; done < a; ++done) {
        void *at = (void *)(b + done * 2 * 4096);
        if (mmap(at, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != at) break;
      }
      answer(done);
    } else if (!strcmp(command, "unmap")) {
      answer((unsigned long)munmap((void *)a, b));
    } else if (!strcmp(command, "protect")) { // address, length, protection
      answer((unsigned long)mprotect((void *)a, b, (int)c));
    } else if (!strcmp(command, "write")) { // address, length, stride: one byte a stride
      for (unsigned long at = a; at < a + b; at += c) ++*(volatile char *)at;
      answer(0);
    } else if (!strcmp(command, "read")) {
      unsigned long sum = 0;
      for (unsigned long at = a; at < a + b; at += c) sum += *(volatile unsigned char *)at;
      answer(sum);
    } else if (!strcmp(command, "store")) { // address, value: eight bytes at once
      *(volatile uint64_t *)a = b;
      answer(0);
    } else if (!strcmp(command, "readinto")) { // address, length: by one read(2)
      int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
      answer((unsigned long)read(file, (void *)a, b));
      close(file);
    } else if (!strcmp(command, "poke")) { // address, value: one byte, by another process
      pid_t child = fork();
      if (child == 0) {
        char byte = (char)b;
        struct iovec from = {&byte, 1}, to = {(void *)a, 1};
        _exit(process_vm_writev(getppid(), &from, 1, &to, 1, 0) == 1 ? 0 : 1);
      }
      int status = -1;
      waitpid(child, &status, 0);
      answer((unsigned long)status);
    } else if (!strcmp(command, "alarm")) { // microseconds: counts once more then
      struct sigaction action = {.sa_handler = count_alarm, .sa_flags = SA_RESTART};
      sigaction(SIGALRM, &action, NULL);
      answer((unsigned long)ualarm((useconds_t)a, 0));
    } else if (!strcmp(command, "alarms")) {
      answer(alarms);
    } else if (!strcmp(command, "exec")) {
      execl("/proc/self/exe", "target", NULL);
      answer(~0UL);
    } else if (!strcmp(command, "global")) { // an initialized one
      answer((unsigned long)&initialized);
    } else if (!strcmp(command, "fork")) { // address, length, stride: a child writes so in its own memory and ends
      pid_t child = fork();
      if (child == 0) {
        for (unsigned long at = a; at < a + b; at += c) ++*(volatile char *)at;
        _exit(0);
      }
      answer((unsigned long)waitpid(child, NULL, 0) == (unsigned long)child ? 0 : ~0UL);
    } else if (!strcmp(command, "mapwatched")) { // length
      answer(map_watched(a));
    } else if (!strcmp(command, "closewatch")) { // of the last mapwatched
      answer((unsigned long)close(last_watch));
    } else if (!strcmp(command, "mapfile")) { // length, 1: shared, protection
      answer(map_file(a, (int)b, (int)c));
    } else if (!strcmp(command, "mapshared")) { // a number that names it, length: the same memory in every process
      char path[64];
      snprintf(path, sizeof path, "/dev/shm/writewatch-%lx", a);
      int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (file < 0 || ftruncate(file, (off_t)b)) answer(~0UL);
      else answer((unsigned long)mmap(NULL, b, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
      close(file);
    } else if (!strcmp(command, "unlink")) { // the file of the last mapfile
      answer((unsigned long)unlink(last_file));
    } else if (!strcmp(command, "ring")) { // address, length
      answer(register_with_ring(a, b));
    } else if (!strcmp(command, "startread")) { // address
      answer(start_read(a));
    } else if (!strcmp(command, "opendirect")) {
      answer(open_direct());
    } else if (!strcmp(command, "threads")) { // how many; they sleep until the end
      answer(start_threads(a));
    } else if (!strcmp(command, "takewritten")) { // address, length
      answer(take_written(a, b));
    } else if (!strcmp(command, "undumpable")) {
      answer((unsigned long)prctl(PR_SET_DUMPABLE, 0));
    } else if (!strcmp(command, "discard")) {
      answer((unsigned long)madvise((void *)a, b, MADV_DONTNEED));
    } else if (!strcmp(command, "remap")) { // address, old length, new length
      answer((unsigned long)mremap((void *)a, b, c, MREMAP_MAYMOVE));
    } else if (!strcmp(command, "grow")) { // address, old length, new length; in place or not at all
      answer((unsigned long)mremap((void *)a, b, c, 0));
    } else {
      answer(~0UL);
    }
  }
  return 0;
}

// Leads a life: does to its memory what a script on standard input says, and keeps its own account of the pages that it wrote.
//
// A line is an operation and its numbers. "stop" tells the account since the stop before, and waits for the next line:
//
//     account must FIRST-END … may FIRST-END … arena FIRST-END … not FIRST-END …
//
// in page numbers, hexadecimal. must: written, and still there. may: a report of it is no lie (pages moved by mremap, memory that
// the kernel populated). arena: all that the script mapped, where nothing else is to be reported. not: what it watches itself.
// It uses no stdio and no malloc of its own: what it says must not write where it keeps its account.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define SLOTS 16
#define MOST_PAGES 2048UL
#define ACCOUNT (1 << 17)

// Of a page: it is mapped, may be stored to, may be read; others see its stores; it is a copy of the process's own; it came or
// moved since the last stop.
enum { MAPPED = 1, WRITABLE = 2, READABLE = 4, SHARED = 8, OWN = 16, FRESH = 32 };
// Of a slot: watched by the program itself since the last stop, or for longer.
enum { NEWLY = 1, KNOWN = 2 };
enum { ANONYMOUS, SHARED_ANONYMOUS, MEMFD_SHARED, MEMFD_PRIVATE, FILE_PRIVATE, FILE_SHARED, WATCHED, NORESERVE, KINDS };

struct slot {
  char *base;
  unsigned long pages;
  unsigned char state[MOST_PAGES];
  int watched, huge, fixed_size, of_disk;
};

static struct slot slots[SLOTS];
static unsigned long must[ACCOUNT], may[ACCOUNT];
static unsigned long musts, mays;
static char *brk_begin, *brk_top;
static int memory_file = -1, disk_file = -1, zero = -1, self_memory = -1;
static void *library;

static char said[1 << 16];
static unsigned long said_bytes;

static void flush(void) {
  for (unsigned long at = 0; at < said_bytes;) {
    long done = write(1, said + at, said_bytes - at);
    if (done <= 0) _exit(98);
    at += (unsigned long)done;
  }
  said_bytes = 0;
}

static void say(const char *text) {
  while (*text) said[said_bytes++] = *text++;
  if (said_bytes > sizeof said - 100) flush();
}

static void say_number(unsigned long value) {
  char digits[20];
  int count = 0;
  do digits[count++] = "0123456789abcdef"[value % 16];
  while (value /= 16);
  while (count > 0) said[said_bytes++] = digits[--count];
}

static void say_range(unsigned long first, unsigned long end) {
  say(" ");
  say_number(first);
  say("-");
  say_number(end);
}

static void enter(unsigned long *list, unsigned long *count, const volatile char *address) {
  unsigned long page = (unsigned long)address / PAGE;
  if (*count > 0 && list[*count - 1] == page) return;
  if (*count == ACCOUNT) _exit(97);
  list[(*count)++] = page;
}

static void wrote(const volatile char *address) { enter(must, &musts, address); }

// What is gone is told no more, or it need not be.
static void forget(const char *start, unsigned long bytes) {
  unsigned long first = (unsigned long)start / PAGE, end = first + bytes / PAGE, kept = 0;
  for (unsigned long i = 0; i < musts; ++i) if (must[i] < first || must[i] >= end) must[kept++] = must[i];
  musts = kept;
}

// Another page lies there now, of which a report of before would be a lie: allowances go, too.
static void gone(const char *start, unsigned long bytes) {
  unsigned long first = (unsigned long)start / PAGE, end = first + bytes / PAGE, kept = 0;
  forget(start, bytes);
  for (unsigned long i = 0; i < mays; ++i) if (may[i] < first || may[i] >= end) may[kept++] = may[i];
  mays = kept;
}

static struct slot *slot_of(unsigned long number) { return &slots[number % SLOTS]; }

// Pages [*first, returned) of a slot that holds something.
static unsigned long clip(const struct slot *slot, unsigned long *first, unsigned long count) {
  if (!slot->base) return *first = 0;
  *first %= slot->pages;
  return *first + count > slot->pages ? slot->pages : *first + count;
}

static void unmap_slot(struct slot *slot) {
  if (!slot->base) return;
  // Not the whole range at once: other mappings may have come into its holes.
  for (unsigned long i = 0; i < slot->pages; ++i) {
    unsigned long from = i;
    while (i < slot->pages && slot->state[i] & MAPPED) ++i;
    if (i == from) continue;
    munmap(slot->base + from * PAGE, (i - from) * PAGE);
    gone(slot->base + from * PAGE, (i - from) * PAGE);
  }
  memset(slot, 0, sizeof *slot);
}

static int is_whole(const struct slot *slot) {
  for (unsigned long i = 0; i < slot->pages; ++i)
    if ((slot->state[i] & (MAPPED | SHARED)) != (slot->state[0] & (MAPPED | SHARED))) return 0;
  return 1;
}

static int watch(const char *memory, unsigned long bytes) {
  int descriptor = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1);
  struct uffdio_api api = {.api = UFFD_API, .features = 1 << 15};
  struct uffdio_register range = {.range = {(unsigned long)memory, bytes}, .mode = UFFDIO_REGISTER_MODE_WP};
  if (descriptor < 0 || ioctl(descriptor, UFFDIO_API, &api) || ioctl(descriptor, UFFDIO_REGISTER, &range)) return 0;
  struct uffdio_writeprotect protect = {.range = range.range, .mode = UFFDIO_WRITEPROTECT_MODE_WP};
  return !ioctl(descriptor, UFFDIO_WRITEPROTECT, &protect);
}

static void do_map(unsigned long number, unsigned long pages, unsigned long kind) {
  struct slot *slot = slot_of(number);
  unmap_slot(slot);
  kind %= KINDS;
  pages = 1 + (pages - 1) % MOST_PAGES;
  // A size of its own: where it takes the place of the very same pages, nothing shows that it is another mapping.
  if (kind == WATCHED) pages = pages % 2 ? 6 : 30;
  int shared = kind == SHARED_ANONYMOUS || kind == MEMFD_SHARED || kind == FILE_SHARED, file = -1;
  if (kind == MEMFD_SHARED || kind == MEMFD_PRIVATE) file = memory_file;
  if (kind == FILE_PRIVATE || kind == FILE_SHARED) file = disk_file;
  int flags = (shared ? MAP_SHARED : MAP_PRIVATE) | (file < 0 ? MAP_ANONYMOUS : 0) | (kind == NORESERVE ? MAP_NORESERVE : 0);
  char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, file, 0);
  if (memory == MAP_FAILED) return;
  slot->base = memory;
  slot->pages = pages;
  // The file behind shared memory of no name is as long as its first mapping: beyond lies SIGBUS.
  slot->fixed_size = kind == SHARED_ANONYMOUS;
  slot->of_disk = file >= 0 && file == disk_file;
  slot->watched = kind == WATCHED && watch(memory, pages * PAGE) ? NEWLY : 0;
  memset(slot->state, MAPPED | READABLE | WRITABLE | FRESH | (shared ? SHARED : 0), pages);
  gone(memory, pages * PAGE);
}

static void enter_store(struct slot *slot, unsigned long page) {
  slot->state[page] |= OWN;
  if (!slot->watched) wrote(slot->base + page * PAGE);
}

static void *store_in_thread(void *address) {
  ++*(volatile char *)address;
  return NULL;
}

static struct { volatile char *address; pthread_t thread; int started; pthread_mutex_t lock; pthread_cond_t turn; } helper = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER};

// A thread that lives on, and stores where it is told.
static void *help(void *unused) {
  pthread_mutex_lock(&helper.lock);
  for (;;) {
    while (!helper.address) pthread_cond_wait(&helper.turn, &helper.lock);
    ++*helper.address;
    helper.address = NULL;
    pthread_cond_broadcast(&helper.turn);
  }
  return unused;
}

static void store_by_helper(char *address) {
  if (!helper.started) helper.started = !pthread_create(&helper.thread, NULL, help, NULL);
  pthread_mutex_lock(&helper.lock);
  helper.address = address;
  pthread_cond_broadcast(&helper.turn);
  while (helper.address) pthread_cond_wait(&helper.turn, &helper.lock);
  pthread_mutex_unlock(&helper.lock);
}

// The ways a page is written: by the program's own stores, by the kernel on its behalf, by other threads.
static int store(char *address, unsigned long way) {
  static char bytes[PAGE];
  struct iovec from = {bytes, 64}, to = {address + 128, 64};
  pthread_t thread;
  switch (way % 9) {
    case 0: ++*(volatile char *)address; return 1;
    case 1: memset(address, 7, PAGE); return 1;
    case 2: return read(zero, address + 8, 100) == 100;
    case 3: return process_vm_writev(getpid(), &from, 1, &to, 1, 0) == 64;
    case 4: store_by_helper(address); return 1;
    case 5:
      if (pthread_create(&thread, NULL, store_in_thread, address)) return 0;
      pthread_join(thread, NULL);
      return 1;
    case 6: { // It shares the memory until it ends.
      pid_t child = vfork();
      if (child == 0) {
        ++*(volatile char *)address;
        _exit(0);
      }
      return child > 0 && waitpid(child, NULL, 0) == child;
    }
    case 7: return pwrite(self_memory, "bytes", 5, (off_t)(address + 200)) == 5;
    default: { // The value that was there already.
      volatile char *byte = address + 5;
      *byte = *byte;
      return 1;
    }
  }
}

static void do_write(unsigned long number, unsigned long first, unsigned long count, unsigned long way) {
  struct slot *slot = slot_of(number);
  unsigned long end = clip(slot, &first, count), stride = 1 + way / 9 % 3;
  for (unsigned long i = first; i < end; i += stride) {
    if ((slot->state[i] & (MAPPED | WRITABLE)) != (MAPPED | WRITABLE)) continue;
    if (store(slot->base + i * PAGE, way)) enter_store(slot, i);
  }
}

static void do_read(unsigned long number, unsigned long first, unsigned long count) {
  struct slot *slot = slot_of(number);
  unsigned long end = clip(slot, &first, count);
  for (unsigned long i = first; i < end; ++i)
    if (slot->state[i] & READABLE) (void)*(volatile char *)(slot->base + i * PAGE);
}

static void do_unmap(unsigned long number, unsigned long first, unsigned long count) {
  struct slot *slot = slot_of(number);
  unsigned long end = clip(slot, &first, count);
  if (slot->watched) return unmap_slot(slot);
  if (!slot->base || (first == 0 && end == slot->pages)) return unmap_slot(slot);
  for (unsigned long i = first; i < end; ++i) {
    if (!(slot->state[i] & MAPPED)) continue;
    munmap(slot->base + i * PAGE, PAGE);
    gone(slot->base + i * PAGE, PAGE);
    slot->state[i] = 0;
  }
}

static void do_protect(unsigned long number, unsigned long first, unsigned long count, unsigned long protection) {
  struct slot *slot = slot_of(number);
  unsigned long end = clip(slot, &first, count);
  if (slot->watched) return;
  const int to[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE};
  int wanted = to[protection % 4];
  for (unsigned long i = first; i < end; ++i) {
    if (!(slot->state[i] & MAPPED) || mprotect(slot->base + i * PAGE, PAGE, wanted)) continue;
    // Of shared memory that came in this step, and can't be written any more, nothing tells who brought its pages.
    if (slot->state[i] & SHARED && slot->state[i] & FRESH && !(wanted & PROT_WRITE)) {
      forget(slot->base + i * PAGE, PAGE);
      enter(may, &mays, slot->base + i * PAGE);
    }
    slot->state[i] &= (unsigned char)~(READABLE | WRITABLE);
    slot->state[i] |= (unsigned char)((wanted & PROT_READ ? READABLE : 0) | (wanted & PROT_WRITE ? WRITABLE : 0));
  }
}

static void do_advise(unsigned long number, unsigned long first, unsigned long count, unsigned long which) {
  struct slot *slot = slot_of(number);
  unsigned long end = clip(slot, &first, count);
  if (slot->watched) return;
  const int advices[] = {MADV_DONTNEED, MADV_FREE,     MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_WILLNEED,
                         MADV_COLD,     MADV_PAGEOUT,  MADV_REMOVE,   MADV_POPULATE_READ, MADV_POPULATE_WRITE,
                         25 /* COLLAPSE */, MADV_DONTFORK, MADV_WIPEONFORK, MADV_MERGEABLE, MADV_DONTNEED, MADV_DOFORK};
  int advice = advices[which % (sizeof advices / sizeof *advices)];
  for (unsigned long i = first; i < end; ++i) {
    unsigned long from = i;
    while (i < end && (slot->state[i] & MAPPED) && (slot->state[i] & SHARED) == (slot->state[from] & SHARED)) ++i;
    if (i == from) continue;
    char *start = slot->base + from * PAGE;
    unsigned long bytes = (i - from) * PAGE;
    if (advice == MADV_HUGEPAGE) slot->huge = 1;
    int refused = madvise(start, bytes, advice);
    int is_shared = slot->state[from] & SHARED;
    --i;
    if (advice == MADV_DONTNEED && !refused && !is_shared) {
      // Given back: it is told so, and not as written.
      forget(start, bytes);
      for (unsigned long page = from; page <= i; ++page) slot->state[page] &= (unsigned char)~OWN;
    } else if ((advice == MADV_DONTNEED || advice == MADV_PAGEOUT) && is_shared) {
      // The bytes stay with the file, but in a mapping that came in this step nothing tells of the page any more.
      for (unsigned long page = from; page <= i; ++page) {
        if (!(slot->state[page] & FRESH)) continue;
        forget(slot->base + page * PAGE, PAGE);
        enter(may, &mays, slot->base + page * PAGE);
      }
    } else if (advice == MADV_REMOVE && is_shared) {
      // As far as it came, a hole is there now.
      forget(start, bytes);
      for (unsigned long at = 0; at < bytes; at += PAGE) enter(may, &mays, start + at);
    } else if (advice == MADV_POPULATE_WRITE || advice == 25) {
      for (unsigned long page = from; page <= i; ++page) {
        enter(may, &mays, slot->base + page * PAGE);
        slot->state[page] |= OWN;
      }
    }
  }
}

// way 0: moves or grows as the kernel likes; 1: to another place for sure; 2: leaves the old place mapped; 3: in place or not at all.
static void do_remap(unsigned long number, unsigned long pages, unsigned long way) {
  struct slot *slot = slot_of(number);
  if (!slot->base || slot->watched || !is_whole(slot)) return;
  pages = 1 + (pages - 1) % MOST_PAGES;
  unsigned long old = slot->pages;
  if (slot->fixed_size && pages > old) return;
  int shared = slot->state[0] & SHARED;
  char *to = MAP_FAILED, *hint = NULL;
  if (way % 4 == 0) to = mremap(slot->base, old * PAGE, pages * PAGE, MREMAP_MAYMOVE);
  if (way % 4 == 1) {
    hint = mmap(NULL, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    to = mremap(slot->base, old * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, hint);
    if (to == MAP_FAILED) munmap(hint, pages * PAGE);
  }
  if (way % 4 == 2) {
    if (shared) return;
    to = mremap(slot->base, old * PAGE, (pages = old) * PAGE, MREMAP_MAYMOVE | 4 /* DONTUNMAP */);
  }
  if (way % 4 == 3) to = mremap(slot->base, old * PAGE, pages * PAGE, 0);
  if (to == MAP_FAILED) return;
  unsigned long both = old < pages ? old : pages;
  if (to != slot->base) {
    gone(slot->base, old * PAGE);
    gone(to, pages * PAGE);
    if (way % 4 == 2) munmap(slot->base, old * PAGE);
    for (unsigned long i = 0; i < both; ++i) slot->state[i] |= FRESH;
  } else if (pages < old) gone(to + pages * PAGE, (old - pages) * PAGE);
  // What it grew by has the protection of its beginning.
  for (unsigned long i = old; i < pages; ++i)
    slot->state[i] = (slot->state[0] & (MAPPED | WRITABLE | READABLE | SHARED)) | FRESH;
  slot->base = to;
  slot->pages = pages;
}

static void do_fixed(unsigned long number, unsigned long first, unsigned long count, unsigned long shared) {
  struct slot *slot = slot_of(number);
  unsigned long end = clip(slot, &first, count);
  if (!slot->base || slot->watched || first == end) return;
  // Only over what is still the slot's: holes may be others' by now.
  for (unsigned long i = first; i < end; ++i) if (!(slot->state[i] & MAPPED)) return;
  int flags = (shared % 2 ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS | MAP_FIXED;
  char *start = slot->base + first * PAGE;
  if (mmap(start, (end - first) * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) != start) return;
  gone(start, (end - first) * PAGE);
  if (shared % 2) slot->fixed_size = 1;
  memset(slot->state + first, MAPPED | READABLE | WRITABLE | FRESH | (shared % 2 ? SHARED : 0), end - first);
}

// way 0: a child that writes and ends; 1: one that stays, so that the pages are shared with it; 2: one that runs another program.
static void do_fork(unsigned long number, unsigned long first, unsigned long count, unsigned long way) {
  static int staying;
  struct slot *slot = slot_of(number);
  unsigned long end = clip(slot, &first, count);
  if (way % 3 == 1 && staying++ > 2) return;
  pid_t parent = getpid(), child = way % 3 == 2 ? vfork() : fork();
  if (child == 0) {
    char *arguments[] = {"/bin/true", NULL}, *environment[] = {NULL};
    if (way % 3 == 2) {
      execve(arguments[0], arguments, environment);
      _exit(0);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    signal(SIGSEGV, SIG_DFL);
    for (unsigned long i = first; i < end; ++i) {
      if ((slot->state[i] & (MAPPED | WRITABLE | SHARED)) == (MAPPED | WRITABLE) && !slot->watched) {
        char *page = slot->base + i * PAGE;
        // Memory that was not to be inherited is not there.
        if (process_vm_writev(getpid(), &(struct iovec){"child", 5}, 1, &(struct iovec){page, 5}, 1, 0) < 0) break;
      }
    }
    while (way % 3 == 1) pause();
    _exit(0);
  }
  if (child > 0 && way % 3 != 1) waitpid(child, NULL, 0);
}

static void do_brk(unsigned long pages, unsigned long shrink) {
  if (!brk_top || sbrk(0) != brk_top) {
    // malloc has been there since.
    char *now = sbrk(0);
    if (sbrk((long)(-(unsigned long)now % PAGE)) == (void *)-1) return;
    brk_begin = brk_top = sbrk(0);
  }
  pages %= 64;
  unsigned long has = (unsigned long)(brk_top - brk_begin) / PAGE;
  if (shrink % 2) {
    if (pages > has) pages = has;
    if (sbrk(-(long)(pages * PAGE)) == (void *)-1) return;
    brk_top -= pages * PAGE;
    gone(brk_top, pages * PAGE);
    return;
  }
  char *start = sbrk((long)(pages * PAGE));
  if (start != brk_top) return;
  brk_top += pages * PAGE;
  for (unsigned long i = 0; i < pages; i += 2) {
    ++*(volatile char *)(start + i * PAGE);
    wrote(start + i * PAGE);
  }
}

__attribute__((noinline)) static void deepen(unsigned long pages) {
  volatile char frame[PAGE];
  frame[0] = (char)pages;
  wrote(frame);
  if (pages > 0) deepen(pages - 1);
  frame[1] = frame[0];
}

static void do_library(unsigned long first, unsigned long way) {
  static char path[64];
  if (way % 3 == 2 && library) {
    char *area = dlsym(library, "area");
    gone(area, 8 * PAGE);
    dlclose(library);
    library = NULL;
    return;
  }
  if (!library) {
    long length = readlink("/proc/self/exe", path, sizeof path - 4);
    const char *name = getenv("LIFE_LIBRARY");
    (void)length;
    library = name ? dlopen(name, RTLD_NOW | RTLD_LOCAL) : NULL;
  }
  char *area = library ? dlsym(library, "area") : NULL;
  if (!area) return;
  for (unsigned long i = first % 8; i < 8; i += 3) {
    ++*(volatile char *)(area + i * PAGE);
    wrote(area + i * PAGE);
  }
}

static void do_lock(unsigned long number, unsigned long lock, int also_disk) {
  struct slot *slot = slot_of(number);
  // Linux from 6.9 on never ends a fault in locked memory of a file where a marker stands in a hole of its page cache.
  if (!slot->base || slot->watched || (slot->of_disk && !also_disk) || slot->pages > 64 || !is_whole(slot)) return;
  if (lock % 2) munlock(slot->base, slot->pages * PAGE);
  else mlock2(slot->base, slot->pages * PAGE, MLOCK_ONFAULT);
}

// The account, and a new page in it.
static void tell(void) {
  for (int s = 0; s < SLOTS; ++s) {
    struct slot *slot = &slots[s];
    for (unsigned long i = 0; i < slot->pages; ++i) {
      unsigned char state = slot->state[i];
      if ((state & FRESH && state & (SHARED | OWN)) || slot->huge) enter(may, &mays, slot->base + i * PAGE);
      slot->state[i] &= (unsigned char)~FRESH;
    }
  }
  say("account must");
  for (unsigned long i = 0, end; i < musts; i = end) {
    for (end = i + 1; end < musts && must[end] == must[end - 1] + 1;) ++end;
    say_range(must[i], must[end - 1] + 1);
  }
  say(" may");
  for (unsigned long i = 0, end; i < mays; i = end) {
    for (end = i + 1; end < mays && may[end] == may[end - 1] + 1;) ++end;
    say_range(may[i], may[end - 1] + 1);
  }
  for (int watched = 0; watched < 2; ++watched) {
    say(watched ? " not" : " arena");
    for (int s = 0; s < SLOTS; ++s) {
      struct slot *slot = &slots[s];
      if (!slot->base || slot->watched != (watched ? KNOWN : 0)) continue;
      for (unsigned long i = 0; i < slot->pages; ++i) {
        unsigned long from = i, base = (unsigned long)slot->base / PAGE;
        while (i < slot->pages && slot->state[i] & MAPPED) ++i;
        if (i > from) say_range(base + from, base + i);
      }
    }
  }
  for (int s = 0; s < SLOTS; ++s) if (slots[s].watched) slots[s].watched = KNOWN;
  say("\n");
  flush();
  musts = mays = 0;
}

static char line[256];
static unsigned long arguments[5];

// One byte at a time: what stands behind a line is for whoever comes after exec.
static int read_line(void) {
  unsigned long used = 0;
  char byte;
  while (used < sizeof line - 1) {
    if (read(0, &byte, 1) != 1) return 0;
    if (byte == '\n') break;
    line[used++] = byte;
  }
  line[used] = 0;
  char *rest = strchr(line, ' ');
  memset(arguments, 0, sizeof arguments);
  if (rest) *rest++ = 0;
  for (int i = 0; rest && i < 5; ++i) arguments[i] = strtoul(rest, &rest, 10);
  return 1;
}

static void run_again(char **argv) {
  execv("/proc/self/exe", argv);
  _exit(96);
}

static void perform(char **argv) {
  const unsigned long *a = arguments;
  if (!strcmp(line, "map")) do_map(a[0], a[1], a[2]);
  else if (!strcmp(line, "write")) do_write(a[0], a[1], a[2], a[3]);
  else if (!strcmp(line, "read")) do_read(a[0], a[1], a[2]);
  else if (!strcmp(line, "unmap")) do_unmap(a[0], a[1], a[2]);
  else if (!strcmp(line, "protect")) do_protect(a[0], a[1], a[2], a[3]);
  else if (!strcmp(line, "advise")) do_advise(a[0], a[1], a[2], a[3]);
  else if (!strcmp(line, "remap")) do_remap(a[0], a[1], a[2]);
  else if (!strcmp(line, "fixed")) do_fixed(a[0], a[1], a[2], a[3]);
  else if (!strcmp(line, "fork")) do_fork(a[0], a[1], a[2], a[3]);
  else if (!strcmp(line, "brk")) do_brk(a[0], a[1]);
  else if (!strcmp(line, "stack")) deepen(a[0] % 200);
  else if (!strcmp(line, "library")) do_library(a[0], a[1]);
  else if (!strcmp(line, "lock")) do_lock(a[0], a[1], 0);
  else if (!strcmp(line, "lockfile")) do_lock(a[0], a[1], 1);
  else if (!strcmp(line, "exec")) run_again(argv);
  else _exit(95);
}

static int perform_until_stop(char **argv) {
  while (read_line()) {
    if (!strcmp(line, "stop")) return 1;
    if (!strcmp(line, "userfaultfd")) {
      say_number((unsigned long)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1));
      say("\n");
      flush();
    } else if (!strcmp(line, "close")) close((int)arguments[0]);
    else perform(argv);
  }
  return 0;
}

static int fresh_file(int file) {
  static const char page[PAGE] = "page";
  for (unsigned long i = 0; i < 256; i += 2) if (pwrite(file, page, PAGE, (off_t)(i * PAGE)) != (long)PAGE) _exit(94);
  if (ftruncate(file, MOST_PAGES * PAGE)) _exit(94);
  return file;
}

int main(int argc, char **argv) {
  char path[] = "/tmp/writewatch-life-XXXXXX";
  (void)argc;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  memory_file = fresh_file(memfd_create("life", MFD_CLOEXEC));
  disk_file = fresh_file(mkostemp(path, O_CLOEXEC));
  unlink(path);
  zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  self_memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
  say("begun\n");
  flush();
  while (perform_until_stop(argv)) // the line that is stepped over
    tell();
  return 0;
}

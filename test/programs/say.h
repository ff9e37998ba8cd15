// The truth protocol: a program under test says, after each line, which bytes that line wrote.
//
//     global = 7;
//     SAY(wrote(&global, sizeof global));
//
// prints "ran <line of the statement above> wrote 0xSTART 0xEND". Ranges are half-open. Words after the line number:
//
//     wrote A B        written by this line: must be reported
//     may A B why      may be reported in this line, need not (an allocator's bookkeeping, pages moved by mremap); pages that
//                      the line gave back, why being "discarded", only if the report calls them so
//     created A B      mapped by this line          removed A B   unmapped by this line
//     own A B why      may be reported in any line (also printed on a line of its own, without "ran")
//
// The protocol's own writes must not blur the truth: it uses no stdio and no malloc, and its state has its own pages.
#pragma once

#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL
/// How far below main's frame the functions of libc and of the loader may push theirs.
#define FRAMES_BELOW (4 * PAGE)

#define THREAD_STACK (8UL << 20)

/// For variables under test: alone in their pages.
#define OWN_PAGES __attribute__((aligned(4096)))

static struct {
  char text[(1 << 16) - sizeof(size_t)];
  size_t used;
} say_area OWN_PAGES;

static inline void say_flush(void) {
  const char *rest = say_area.text;
  while (say_area.used > 0) {
    const ssize_t done = write(STDOUT_FILENO, rest, say_area.used);
    if (done <= 0) _exit(98);
    rest += done;
    say_area.used -= (size_t)done;
  }
}

static inline void say_character(char c) {
  say_area.text[say_area.used++] = c;
  if (say_area.used == sizeof say_area.text) say_flush();
}

static inline void say_text(const char *text) {
  while (*text != '\0') say_character(*text++);
}

static inline void say_number(uintptr_t value, unsigned base) {
  char digits[20];
  unsigned count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  while (count > 0) say_character(digits[--count]);
}

static inline void say_range(const char *kind, const volatile void *start, size_t length) {
  say_text(kind);
  say_text(" 0x");
  say_number((uintptr_t)start, 16);
  say_text(" 0x");
  say_number((uintptr_t)start + length, 16);
  say_character(' ');
}

/// Prints a line of ordinary output, which the truth's reader passes over.
static inline void say_line(const char *text) {
  say_text(text);
  say_character('\n');
  say_flush();
}

static inline void wrote(const volatile void *start, size_t length) { say_range("wrote", start, length); }
static inline void created(const volatile void *start, size_t length) { say_range("created", start, length); }
static inline void removed(const volatile void *start, size_t length) { say_range("removed", start, length); }

static inline void may(const volatile void *start, size_t length, const char *why) {
  say_range("may", start, length);
  say_text(why);
  say_character(' ');
}

static inline void own(const volatile void *start, size_t length, const char *why) {
  say_range("own", start, length);
  say_text(why);
  say_character(' ');
}

/// One byte in each of `count` places, `stride` bytes apart.
static inline void wrote_each(const volatile char *first, size_t stride, size_t count) {
  for (size_t i = 0; i < count; i += 1) wrote(first + i * stride, 1);
}

/// What a call of malloc, free or pthread_create may write beside what the program asked for.
static inline void may_allocator(const void *heap) {
  may(heap, (size_t)((char *)sbrk(0) - (const char *)heap), "allocator");
}

/// A thread's control block: the kernel writes its rseq area, and libc its thread-local variables, which lie below it.
static inline void own_thread_control(pthread_t thread) {
  own((char *)thread - 0x200, 0x200 + 0xa40, "thread-control");
}

static inline void own_frames(const void *frame) {
  own((const char *)frame - FRAMES_BELOW, FRAMES_BELOW + 512, "frames");
}

/// A thread's frames lie at the top of its stack, right below its control block. `frame` is that of its first function.
static inline void own_thread(pthread_t thread, const char *frame) {
  own(frame - FRAMES_BELOW, (size_t)((const char *)thread - frame) + FRAMES_BELOW, "frames");
  own_thread_control(thread);
  // When the thread ends, which may take until the next step, libc gives its whole stack back (madvise).
  own((const char *)thread - THREAD_STACK, THREAD_STACK, "discarded");
}

/// The linker's: between them lie the addresses of functions that lazy binding stores at their first calls.
extern char _GLOBAL_OFFSET_TABLE_[] __attribute__((visibility("hidden"))), __data_start[];

static inline int say_own_library(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size, (void)unused;
  if (object->dlpi_name[0] == '\0') return 0;
  for (size_t i = 0; i < object->dlpi_phnum; i += 1) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W))
      own((char *)object->dlpi_addr + segment->p_vaddr, segment->p_memsz, "library");
  }
  return 0;
}

#ifdef SELF_CHECK
#include "self-check.h"
#else
static inline void self_check_seen(unsigned line) { (void)line; }
static inline void self_check_arm(void) {}
#endif

static inline void say_begin(const void *frame) {
  own(&say_area, sizeof say_area, "say");
  own_frames(frame);
  own_thread_control(pthread_self());
  own(_GLOBAL_OFFSET_TABLE_, (size_t)(__data_start - _GLOBAL_OFFSET_TABLE_), "lazy-binding");
  dl_iterate_phdr(say_own_library, NULL);
  say_line("");
  self_check_arm();
}

static inline void say_open(unsigned line) {
  self_check_seen(line);
  say_text("ran ");
  say_number(line, 10);
  say_character(' ');
}

static inline void say_close(void) {
  say_line("");
  self_check_arm();
}

static inline void nothing(void) {}

/// First statement of main.
#define SAY_BEGIN() say_begin(__builtin_frame_address(0))

/// Says the truth about the line above.
#define SAY(...) (say_open(__LINE__ - 1), __VA_ARGS__, say_close())

// The truth's own check: with -DSELF_CHECK a program watches itself, and prints on descriptor 3 what the kernel saw each line
// write ("seen LINE 0xSTART 0xEND …"), without a debugger and without WriteWatch.
//
// Included by say.h only. Slow and plain on purpose: it shares no code and no cleverness with what it helps to test.
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#define SELF_CHECK_OUTPUT 3
/// Holes of larger mappings get no markers.
#define SPARSE (1UL << 30)

struct self_check_region {
  uint64_t start, end, categories;
};

static struct {
  char maps[1 << 17];
  struct self_check_region regions[1 << 14];
  char text[1 << 18];
  size_t used;
  long userfaultfd, pagemap;
} self_check OWN_PAGES;

enum { WPALLOWED = 1, WRITTEN = 2, PRESENT = 8, SWAPPED = 16, PFNZERO = 32 };

static inline void self_check_fail(const char *what) {
  (void)!write(STDERR_FILENO, what, strlen(what));
  _exit(97);
}

static inline int self_check_scan(uint64_t flags, uint64_t start, uint64_t end, uint64_t inverted, uint64_t required) {
  uint64_t scan[12] = {sizeof scan,
                       flags,
                       start,
                       end,
                       0,
                       (uint64_t)self_check.regions,
                       sizeof self_check.regions / sizeof self_check.regions[0],
                       0,
                       inverted,
                       required,
                       PRESENT | SWAPPED,
                       PRESENT};
  const int count = ioctl((int)self_check.pagemap, 0xc0606610, scan);
  // walk_end is no sign of an unfinished scan: past 512 regions the kernel leaves there where it last flushed its buffer.
  if (count < 0 || (uint64_t)count == scan[6]) self_check_fail("self-check: PAGEMAP_SCAN failed or did not finish\n");
  return count;
}

static inline void self_check_print(const char *text) {
  const size_t length = strlen(text);
  memcpy(self_check.text + self_check.used, text, length);
  self_check.used += length;
}

static inline void self_check_print_regions(int count) {
  for (int i = 0; i < count; i += 1) {
    for (unsigned side = 0; side < 2; side += 1) {
      const uint64_t value = side == 0 ? self_check.regions[i].start : self_check.regions[i].end;
      self_check_print(" 0x");
      for (int shift = 44; shift >= 0; shift -= 4)
        self_check.text[self_check.used++] = "0123456789abcdef"[value >> shift & 15];
    }
  }
}

/// Calls `visit` for each mapping that may hold something the program wrote, except the protocol's own state.
static inline void self_check_mappings(void (*visit)(uint64_t start, uint64_t end)) {
  const int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  size_t length = 0;
  for (ssize_t got; (got = read(file, self_check.maps + length, sizeof self_check.maps - 1 - length)) > 0;)
    length += (size_t)got;
  close(file);
  self_check.maps[length] = '\0';
  for (char *line = self_check.maps; *line != '\0';) {
    char *next = strchr(line, '\n');
    char *rest;
    const uint64_t start = strtoul(line, &rest, 16), end = strtoul(rest + 1, &rest, 16);
    const int writable = rest[2] == 'w', kernels = memmem(line, (size_t)(next - line), "[v", 2) != NULL;
    // After "rwxp OFFSET DEVICE " comes the inode: 0 says anonymous, which may have been writable a moment ago.
    const char *inode = strchr(strchr(rest + 6, ' ') + 1, ' ') + 1;
    if ((writable || *inode == '0') && !kernels) visit(start, end);
    line = next + 1;
  }
}

static inline void self_check_new(uint64_t start, uint64_t end) {
  self_check_print_regions(self_check_scan(0, start, end, WPALLOWED | PFNZERO, WPALLOWED | PFNZERO));
}

static inline void self_check_arm_mapping(uint64_t start, uint64_t end) {
  uint64_t request[4] = {start, end - start, 2, 0};
  if (ioctl((int)self_check.userfaultfd, 0xc020aa00, request) < 0) return;
  if (end - start > SPARSE) {
    self_check_scan(1, start, end, 0, WRITTEN);
    return;
  }
  uint64_t protect[3] = {start, end - start, 1};
  if (ioctl((int)self_check.userfaultfd, 0xc018aa06, protect) < 0) self_check_fail("self-check: WRITEPROTECT failed\n");
}

static inline void self_check_seen(unsigned line) {
  self_check.used = 0;
  char number[12] = {0};
  for (unsigned i = 10, rest = line; rest > 0; rest /= 10) number[i--] = (char)('0' + rest % 10);
  self_check_print("seen ");
  for (unsigned i = 0; i < 11; i += 1)
    if (number[i] != 0) self_check.text[self_check.used++] = number[i];
  self_check_print_regions(
      self_check_scan(0, 0, 0x7ffffffff000, PFNZERO, WPALLOWED | WRITTEN | PFNZERO));
  self_check_mappings(self_check_new);
  self_check_print("\n");
  if (write(SELF_CHECK_OUTPUT, self_check.text, self_check.used) < 0) self_check_fail("self-check: no descriptor 3\n");
}

static inline void self_check_arm(void) {
  if (self_check.userfaultfd == 0) {
    own(&self_check, sizeof self_check, "self-check");
    say_line("");
    self_check.userfaultfd = syscall(SYS_userfaultfd, O_CLOEXEC | 1);
    self_check.pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    uint64_t api[3] = {0xaa, 1 << 0 | 1 << 12 | 1 << 13 | 1 << 15, 0};
    if (ioctl((int)self_check.userfaultfd, 0xc018aa3f, api) < 0) self_check_fail("self-check: UFFDIO_API refused\n");
  }
  self_check_mappings(self_check_arm_mapping);
}

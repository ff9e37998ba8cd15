// A program that does to its memory what its standard input says, so that a test knows what was written.
// It opens its own userfaultfd, which stands in for the call a debugger injects, and closes its copy when told.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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
    if (!strcmp(command, "userfaultfd")) {
      answer((unsigned long)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1));
    } else if (!strcmp(command, "close")) {
      answer((unsigned long)close((int)a));
    } else if (!strcmp(command, "map")) { // address or 0, length, 1: shared
      int flags = (c ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS | MAP_NORESERVE | (a ? MAP_FIXED : 0);
      answer((unsigned long)mmap((void *)a, b, PROT_READ | PROT_WRITE, flags, -1, 0));
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
    } else if (!strcmp(command, "fork")) { // address, length, stride: a child writes so in its own memory and ends
      pid_t child = fork();
      if (child == 0) {
        for (unsigned long at = a; at < a + b; at += c) ++*(volatile char *)at;
        _exit(0);
      }
      answer((unsigned long)waitpid(child, NULL, 0) == (unsigned long)child ? 0 : ~0UL);
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

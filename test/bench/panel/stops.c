// A program to step through in a loop, with as much memory as is asked for: stops small | stops pages | stops mappings.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, PAGES = 1 << 20, MAPPINGS = 5000 };

static char *memory;
static volatile int counter;

static void nothing(void) { counter += 1; }

// Every second page: as many runs as there can be.
static void half_of_the_pages(void) {
  for (size_t i = 0; i < PAGES; i += 2) memory[i * PAGE] += 1;
}

static void some_of_the_mappings(void) {
  for (size_t i = 0; i < MAPPINGS; i += 50) memory[i * 2 * PAGE] += 1;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "small";
  void (*step)(void) = nothing;
  if (strcmp(what, "pages") == 0) {
    memory = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    madvise(memory, (size_t)PAGES * PAGE, MADV_NOHUGEPAGE);
    step = half_of_the_pages;
  } else if (strcmp(what, "mappings") == 0) {
    memory = mmap(NULL, (size_t)MAPPINGS * 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    // Pages that can't be touched keep their neighbours apart.
    for (size_t i = 1; i < MAPPINGS * 2; i += 2) mprotect(memory + i * PAGE, PAGE, PROT_NONE);
    step = some_of_the_mappings;
  }
  if (memory == MAP_FAILED) return 1;
  for (int turn = 0; turn < 1000; turn += 1) {
    step(); // break here
    step();
    step();
    step();
    step();
    step();
    step();
    step();
  }
  return 0;
}

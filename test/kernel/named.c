// Prints where each sort of its memory lies, a line each, and sleeps: a word, the address, and the thread it is of.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

int counters[100] = {1};
static char zeroed[9000];
const char *const table[] = {"one", "two"};
static _Thread_local long each[4] = {1};
static pthread_barrier_t ready;

static void tell(const char *what, const volatile void *address) {
  printf("%s %p %d\n", what, (void *)(uintptr_t)address, (int)syscall(SYS_gettid));
}

// @param frame of a function that does not return.
static void tell_own(char *frame) {
  tell("stack", frame);
  tell("below", frame - 65536);
  tell("each", &each[1]);
  tell("errno", &errno);
  tell("control", (char *)__builtin_thread_pointer() + 0x40);
  tell("rseq", (char *)__builtin_thread_pointer() + __rseq_offset + 4);
}

static void *work(void *unused) {
  tell_own(__builtin_frame_address(0));
  tell("arena", malloc(100));
  fflush(stdout);
  pthread_barrier_wait(&ready);
  for (;;) pause();
  return unused;
}

int main(void) {
  static int calls;
  static char output[1 << 16];
  setvbuf(stdout, output, _IOFBF, sizeof output);
  pthread_barrier_init(&ready, NULL, 3);
  tell("counters", &counters[34]);
  tell("zeroed", &zeroed[8000]);
  tell("calls", &calls);
  tell("table", &table[1]);
  tell("main", (void *)main);
  tell("vdso", (void *)getauxval(AT_SYSINFO_EHDR));
  tell("heap", (char *)malloc(40) + 8);
  tell("mapped", (char *)malloc(1 << 20) + 5000);
  tell("anonymous", (char *)mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + 4096);
  tell("environ", &environ);
  tell_own(__builtin_frame_address(0));
  fflush(stdout);
  for (int i = 0; i < 2; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL)) return 1;
  }
  pthread_barrier_wait(&ready);
  printf("end\n");
  fflush(stdout);
  for (;;) pause();
}

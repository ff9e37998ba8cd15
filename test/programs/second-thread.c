// A second thread's writes, in the step that waits for them: by barriers, by join, and with the thread born in the step itself.
#include "say.h"

static char pages[8 * PAGE] OWN_PAGES;
static pthread_barrier_t go OWN_PAGES, done OWN_PAGES;
static pthread_t worker OWN_PAGES;
static const char *worker_frame;

static void *work(void *argument) {
  (void)argument;
  worker_frame = __builtin_frame_address(0);
  pthread_barrier_wait(&done);
  for (size_t i = 0; i < 4; i += 1) {
    pthread_barrier_wait(&go);
    memset(pages + i * PAGE + 50, (int)i + 1, 2 * PAGE);
    pthread_barrier_wait(&done);
  }
  return NULL;
}

static void *write_and_end(void *argument) {
  worker_frame = __builtin_frame_address(0);
  *(char *)argument = 'e';
  return NULL;
}

static void start(void) {
  pthread_create(&worker, NULL, work, NULL);
  pthread_barrier_wait(&done);
}

static void let_it_work(void) {
  pthread_barrier_wait(&go);
  pthread_barrier_wait(&done);
}

static void run_another(char *target) {
  pthread_create(&worker, NULL, write_and_end, target);
  pthread_join(worker, NULL);
}

/// The worker goes on to the next barrier while main says what the step did: the barriers may be written in any step.
static void own_barriers(void) {
  own(&go, sizeof go, "barrier");
  own(&done, sizeof done, "barrier");
}

static void wrote_barriers(void) {
  wrote(&go, sizeof go);
  wrote(&done, sizeof done);
}

int main(void) {
  SAY_BEGIN();
  void *heap = sbrk(0);
  SAY(nothing());
  pthread_barrier_init(&go, NULL, 2);
  SAY(wrote(&go, sizeof go));
  pthread_barrier_init(&done, NULL, 2);
  SAY(wrote(&done, sizeof done));
  start();
  SAY(wrote(&worker, sizeof worker), wrote(&done, sizeof done), wrote(&worker_frame, 8), wrote(worker_frame - 1, 1),
      wrote((void *)worker, 8), may_allocator(heap), own_thread(worker, worker_frame), own_barriers());
  let_it_work();
  SAY(wrote_barriers(), wrote(pages + 50, 2 * PAGE));
  let_it_work();
  SAY(wrote_barriers(), wrote(pages + PAGE + 50, 2 * PAGE));
  pages[7 * PAGE] = 1;
  SAY(wrote(&pages[7 * PAGE], 1));
  let_it_work();
  SAY(wrote_barriers(), wrote(pages + 2 * PAGE + 50, 2 * PAGE));
  let_it_work();
  SAY(wrote_barriers(), wrote(pages + 3 * PAGE + 50, 2 * PAGE));
  pthread_join(worker, NULL);
  SAY(may_allocator(heap));
  run_another(&pages[6 * PAGE]);
  SAY(wrote(&worker, sizeof worker), wrote(&worker_frame, 8), wrote(&pages[6 * PAGE], 1), may_allocator(heap),
      own_thread(worker, worker_frame));
  run_another(&pages[7 * PAGE]);
  SAY(wrote(&worker, sizeof worker), wrote(&worker_frame, 8), wrote(&pages[7 * PAGE], 1), may_allocator(heap),
      own_thread(worker, worker_frame));
  return 0;
}

// Builds what programs keep on their heaps, prints where each part lies, a line each, and sleeps.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct node {
  int value;
  struct node *next;
};
struct entry {
  char key[12];
  struct node *nodes;
};
static struct {
  struct entry **buckets;
  size_t count;
} table;
struct node *head;
double *samples;
static struct node *freed;
static void *untyped;

static void tell(const char *what, const volatile void *address) {
  printf("%s %p\n", what, (void *)(uintptr_t)address);
}

static struct node *push(struct node *next, int value) {
  struct node *made = calloc(1, sizeof *made);
  made->value = value;
  made->next = next;
  return made;
}

int main(void) {
  struct node *own = push(push(NULL, 8), 7);
  head = push(push(push(NULL, 3), 2), 1);
  samples = calloc(100, sizeof *samples);
  table.count = 10;
  table.buckets = calloc(table.count, sizeof *table.buckets);
  table.buckets[4] = calloc(1, sizeof(struct entry));
  table.buckets[4]->nodes = push(NULL, 5);
  freed = push(NULL, 6);
  struct node *last = freed;
  free(freed);
  untyped = malloc(200);
  tell("value", &head->value);
  tell("third", &head->next->next->value);
  tell("sample", &samples[17]);
  tell("key", &table.buckets[4]->key[3]);
  tell("bucket", &table.buckets[4]);
  tell("nested", &table.buckets[4]->nodes->value);
  tell("freed", last);
  tell("untyped", untyped);
  tell("own", &own);
  tell("local", &own->next->value);
  printf("end\n");
  fflush(stdout);
  for (;;) pause();
}

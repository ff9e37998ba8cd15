// A walk through a program's memory: each line of main writes somewhere else. Press F10 and watch the panel.
#define _GNU_SOURCE
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { COUNTERS = 4096, BUFFER_BYTES = 40 << 20, DEPTH = 400 };

static int counters[COUNTERS];

// Singly linked, and every node its own malloc.
struct node {
    int value;
    struct node *next;
};

static struct node *push(struct node *list, int value) {
    struct node *node = malloc(sizeof *node);
    if (!node) abort();
    *node = (struct node){value, list};
    return node;
}

static struct node *push_many(struct node *list, int count) {
    for (int i = 0; i < count; i++) list = push(list, i);
    return list;
}

static long sum(const struct node *list) {
    long total = 0;
    for (; list; list = list->next) total += list->value;
    return total;
}

static void count_everything(void) {
    for (int i = 0; i < COUNTERS; i++) counters[i]++;
}

// Far below the stack pages that main has used so far.
static int descend(int depth) {
    volatile char frame[256];
    frame[0] = 1;
    return depth == 0 ? 0 : descend(depth - 1) + frame[0];
}

// One page of note, and the next page holds the balances.
struct ledger {
    char note[4096];
    long balances[512];
};

// The bug: it never asks how long the text is. One page is what the reader of this line expects to see written.
static void write_note(struct ledger *ledger, const char *text) {
    char *to = (char *)ledger + offsetof(struct ledger, note);
    for (size_t i = 0; text[i]; i++) to[i] = text[i];
}

static const char *long_text(void) {
    static char text[4096 + 5];
    memset(text, 'A', sizeof text - 1);
    return text;
}

int main(void) {
    setbuf(stdout, NULL);
    counters[0] = 1;
    counters[COUNTERS - 1] = 1;
    count_everything();
    struct node *list = push(NULL, 1);
    list = push_many(list, 20000);
    long total = sum(list);
    char *buffer = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffer == MAP_FAILED) return 1;
    buffer[BUFFER_BYTES / 2] = 'x';
    memset(buffer, 1, BUFFER_BYTES);
    for (size_t at = 0; at < BUFFER_BYTES; at += 64 << 10) buffer[at] = 2;
    int depth = descend(DEPTH);
    struct ledger *ledger = aligned_alloc(4096, sizeof *ledger);
    if (!ledger) return 1;
    ledger->balances[0] = 100;
    write_note(ledger, "short");
    const char *text = long_text();
    write_note(ledger, text);
    printf("list %ld, depth %d, balance %ld (it was 100)\n", total, depth, ledger->balances[0]);
    munmap(buffer, BUFFER_BYTES);
    return 0;
}

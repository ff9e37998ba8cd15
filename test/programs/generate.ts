// Random programs in the truth protocol of say.h. The program computes the truth itself: its addresses are its own affair.
import { Random } from "./random.ts";
import { type Access, isMapping, PAGE_BYTES, type Piece, pieceOf, type Slot } from "./slots.ts";

const SLOTS = 6;
const STATIC_PAGES = 16;
const STATEMENTS = 26;
const SPARSE_GIB = 2;

/** A statement, and the words of the truth about it. */
interface Statement {
  readonly code: string;
  readonly truth: readonly string[];
}

type Maker = (random: Random, slots: readonly [Slot, ...Slot[]]) => Statement | undefined;

const PROLOGUE = `#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "say.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define ANYWHERE (MAP_PRIVATE | MAP_ANONYMOUS)

static char statics[${STATIC_PAGES} * PAGE] OWN_PAGES;
static char *slots[${SLOTS}] OWN_PAGES;
static int sum OWN_PAGES, zero, status;
static uintptr_t deepest;
static pthread_t thread;
static const char *thread_frame;

static struct {
  char *place;
  size_t length;
} task;

static int recurse(unsigned depth) {
  volatile char frame[500];
  for (unsigned i = 0; i < sizeof frame; i += 1) frame[i] = (char)depth;
  deepest = (uintptr_t)frame;
  return depth == 0 ? 0 : recurse(depth - 1) + frame[0];
}

static void *work(void *argument) {
  thread_frame = __builtin_frame_address(0);
  memset(task.place, 1, task.length);
  return argument;
}

static void in_thread(char *place, size_t length) {
  task.place = place;
  task.length = length;
  pthread_create(&thread, NULL, work, NULL);
  pthread_join(thread, NULL);
}

static void in_child(char *place, size_t length) {
  const pid_t child = fork();
  if (child == 0) {
    memset(place, 2, length);
    _exit(0);
  }
  waitpid(child, &status, 0);
}

static void renew(char *place, size_t length, size_t offset) {
  munmap(place, length);
  mmap(place, length, READ_WRITE, ANYWHERE | MAP_FIXED, -1, 0);
  place[offset] = 3;
}

int main(void) {
  const char *const frame = __builtin_frame_address(0);
  SAY_BEGIN();
  const void *const heap = sbrk(0);
  SAY(nothing());
  zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  SAY(wrote(&zero, sizeof zero));
`;

const EPILOGUE = `  sum = (int)(frame - frame);
  SAY(wrote(&sum, sizeof sum));
  return sum;
}
`;

/** @returns the source of a C program, the same for the same seed. */
export function generate(seed: number): string {
  const random = new Random(seed);
  const statics: Slot = {
    name: "statics",
    kind: "static",
    access: Array<Access>(STATIC_PAGES).fill("write"),
    length: STATIC_PAGES * PAGE_BYTES,
    whole: false,
  };
  const slots: [Slot, ...Slot[]] = [statics];
  for (let i = 0; i < SLOTS; i += 1) {
    slots.push({ name: `slots[${i}]`, kind: "empty", access: [], length: 0, whole: false });
  }
  const lines: string[] = [];
  while (lines.length < STATEMENTS * 2) {
    const statement = random.pick(MAKERS)(random, slots);
    if (!statement) continue;
    lines.push(`  ${statement.code}`);
    lines.push(`  SAY(${statement.truth.length > 0 ? statement.truth.join(", ") : "nothing()"});`);
  }
  return `// Random program, seed ${seed}.\n${PROLOGUE}${lines.join("\n")}\n${EPILOGUE}`;
}

const at = ({ slot, offset }: Piece): string => `${slot.name} + ${offset}`;
const wrote = (piece: Piece): string => `wrote(${at(piece)}, ${piece.length}UL)`;
const assigned = (slot: Slot): string => `wrote(&${slot.name}, 8)`;

function empty(slot: Slot): void {
  Object.assign(slot, { kind: "empty", access: [], length: 0, whole: false });
}

const store: Maker = (random, slots) => {
  const piece = pieceOf(random.pick(slots), "write", 1, random);
  return piece && { code: `${piece.slot.name}[${piece.offset}] = ${random.between(0, 99)};`, truth: [wrote(piece)] };
};

const fill: Maker = (random, slots) => {
  const piece = pieceOf(random.pick(slots), "write", random.pick([64, 3 * PAGE_BYTES, 40 * PAGE_BYTES]), random);
  return piece && { code: `memset(${at(piece)}, ${random.between(0, 99)}, ${piece.length});`, truth: [wrote(piece)] };
};

const load: Maker = (random, slots) => {
  const piece = pieceOf(random.pick(slots), "read", 1, random);
  return piece && { code: `sum += ${piece.slot.name}[${piece.offset}];`, truth: ["wrote(&sum, sizeof sum)"] };
};

const copy: Maker = (random, slots) => {
  const to = pieceOf(random.pick(slots), "write", 3 * PAGE_BYTES, random);
  const from = to && pieceOf(random.pick(slots), "read", to.length, random);
  if (!to || !from || to.slot === from.slot) return undefined;
  const written = { ...to, length: from.length };
  return { code: `memcpy(${at(to)}, ${at(from)}, ${from.length});`, truth: [wrote(written)] };
};

const readFile: Maker = (random, slots) => {
  const piece = pieceOf(random.pick(slots), "write", 5 * PAGE_BYTES, random);
  return piece && { code: `(void)!read(zero, ${at(piece)}, ${piece.length});`, truth: [wrote(piece)] };
};

const map: Maker = (random, slots) => {
  const slot = random.pick(slots);
  if (slot.kind !== "empty") return undefined;
  const kind = random.pick(["private", "private", "private", "shared", "sparse"] as const);
  const pages = kind === "sparse" ? (SPARSE_GIB * 1024 ** 3) / PAGE_BYTES : random.between(1, random.pick([8, 300]));
  const access: Access = kind === "private" && random.chance(15) ? "none" : "write";
  Object.assign(slot, {
    kind,
    access: Array<Access>(kind === "sparse" ? 1 : pages).fill(access),
    length: pages * PAGE_BYTES,
    whole: true,
  });
  const flags = { private: "ANYWHERE", shared: "MAP_SHARED | MAP_ANONYMOUS", sparse: "ANYWHERE | MAP_NORESERVE" }[kind];
  const protection = access === "none" ? "PROT_NONE" : "READ_WRITE";
  return {
    code: `${slot.name} = mmap(NULL, ${pages} * PAGE, ${protection}, ${flags}, -1, 0);`,
    truth: [assigned(slot), `created(${slot.name}, ${pages} * PAGE)`],
  };
};

const unmap: Maker = (random, slots) => {
  const slot = random.pick(slots);
  if (!isMapping(slot) && slot.kind !== "sparse") return undefined;
  const length = slot.length;
  empty(slot);
  return { code: `munmap(${slot.name}, ${length}UL);`, truth: [`removed(${slot.name}, ${length}UL)`] };
};

const replacePart: Maker = (random, slots) => {
  const slot = random.pick(slots);
  if (!isMapping(slot)) return undefined;
  const first = random.between(0, slot.access.length - 1);
  const count = random.between(1, slot.access.length - first);
  slot.access.fill("write", first, first + count);
  slot.whole = false;
  const place = `${slot.name} + ${first} * PAGE`;
  return {
    code: `mmap(${place}, ${count} * PAGE, READ_WRITE, ANYWHERE | MAP_FIXED, -1, 0);`,
    truth: [`created(${place}, ${count} * PAGE)`],
  };
};

const renew: Maker = (random, slots) => {
  const slot = random.pick(slots);
  if (!isMapping(slot)) return undefined;
  const offset = random.between(0, slot.length - 1);
  Object.assign(slot, { kind: "private", whole: true });
  slot.access.fill("write");
  return {
    code: `renew(${slot.name}, ${slot.length}, ${offset});`,
    truth: [`wrote(${slot.name} + ${offset}, 1)`, `created(${slot.name}, ${slot.length})`],
  };
};

const protect: Maker = (random, slots) => {
  const slot = random.pick(slots);
  if (!isMapping(slot) && slot.kind !== "static") return undefined;
  const first = random.between(0, slot.access.length - 1);
  const count = random.between(1, slot.access.length - first);
  const access = random.pick<Access>(["read", "none", "write", "write", "write"]);
  const protection = { read: "PROT_READ", none: "PROT_NONE", write: "READ_WRITE" }[access];
  slot.access.fill(access, first, first + count);
  slot.whole = false;
  return { code: `mprotect(${slot.name} + ${first} * PAGE, ${count} * PAGE, ${protection});`, truth: [] };
};

const discard: Maker = (random, slots) => {
  const slot = random.pick(slots);
  if (slot.kind !== "private") return undefined;
  const first = random.between(0, slot.access.length - 1);
  const count = random.between(1, slot.access.length - first);
  const place = `${slot.name} + ${first} * PAGE`;
  return {
    code: `madvise(${place}, ${count} * PAGE, MADV_DONTNEED);`,
    truth: [`may(${place}, ${count} * PAGE, "discarded")`],
  };
};

const resize: Maker = (random, slots) => {
  const slot = random.pick(slots);
  if (!slot.whole || slot.kind !== "private") return undefined;
  const before = slot.access.length;
  const now = random.between(1, 2 * before);
  slot.access = Array<Access>(now).fill(slot.access[0] ?? "write");
  slot.length = now * PAGE_BYTES;
  return {
    code: `${slot.name} = mremap(${slot.name}, ${before} * PAGE, ${now} * PAGE, MREMAP_MAYMOVE);`,
    truth: [assigned(slot), `may(${slot.name}, ${Math.min(before, now)} * PAGE, "moved")`],
  };
};

const allocate: Maker = (random, slots) => {
  const slot = random.pick(slots);
  if (slot.kind !== "empty") return undefined;
  const length = random.between(1, random.pick([100, 5000, 60_000, 400_000]));
  Object.assign(slot, { kind: "heap", access: ["write"], length });
  return {
    code: `${slot.name} = malloc(${length});`,
    // The header of a piece that is a mapping of its own is not in the heap.
    truth: [assigned(slot), "may_allocator(heap)", `may(${slot.name} - 16, 16, "allocator")`],
  };
};

const release: Maker = (random, slots) => {
  const slot = random.pick(slots);
  if (slot.kind !== "heap") return undefined;
  empty(slot);
  return { code: `free(${slot.name});`, truth: ["may_allocator(heap)"] };
};

const descend: Maker = random => ({
  code: `recurse(${random.between(1, random.pick([20, 800]))});`,
  truth: [
    "wrote(&deepest, sizeof deepest)",
    "wrote((char *)deepest, (uintptr_t)frame - 512 - deepest)",
    'may((char *)deepest - 64, 64, "frames")',
  ],
});

const thread: Maker = (random, slots) => {
  const piece = pieceOf(random.pick(slots), "write", 4 * PAGE_BYTES, random);
  if (!piece) return undefined;
  return {
    code: `in_thread(${at(piece)}, ${piece.length});`,
    truth: [
      wrote(piece),
      "wrote(&task, sizeof task)",
      "wrote(&thread, sizeof thread)",
      "wrote(&thread_frame, 8)",
      "may_allocator(heap)",
      "own_thread(thread, thread_frame)",
    ],
  };
};

const child: Maker = (random, slots) => {
  const piece = pieceOf(random.pick(slots), "write", 4 * PAGE_BYTES, random);
  return piece && { code: `in_child(${at(piece)}, ${piece.length});`, truth: ["wrote(&status, sizeof status)"] };
};

/** As often as they shall be tried. */
const MAKERS: readonly [Maker, ...Maker[]] = [
  ...[store, store, store, fill, fill, fill, load, load, copy, copy, readFile, readFile],
  ...[map, map, map, map, unmap, replacePart, renew, protect, protect, discard, resize, resize],
  ...[allocate, allocate, allocate, release, descend, thread, child],
] as [Maker, ...Maker[]];

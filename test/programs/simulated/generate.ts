// Random simulated programs: what they do to their memory is drawn, that they may do it is kept account of.
import fc from "fast-check";
import { Random } from "../random.ts";
import { type Access, isMapping, PAGE_BYTES, type Piece, pieceOf, type Slot } from "../slots.ts";

const SLOTS = 6;
const STATIC_PAGES = 16;
const SPARSE_GIB = 2;
/** Where mappings are moved to, far from where the kernel puts them. */
const AWAY = 0x210000000000;
const AWAY_STEP = 0x1000000000;

/** One statement of the program: which maker makes it, and of what numbers. */
interface Draw {
  readonly maker: number;
  readonly seed: number;
}

interface State {
  /** The program's static array, its heap, then its mappings. */
  readonly slots: readonly [Slot, Slot, ...Slot[]];
  /** Mappings moved so far: each gets a place of its own. */
  moves: number;
  files: number;
  /** Whether a thread and a child work beside main. */
  thread: boolean;
  child: boolean;
}

/** A line of main; undefined where there is nothing to do it to. */
type Maker = (random: Random, state: State) => string | undefined;

const PROLOGUE = `global statics: ${STATIC_PAGES} pages
global slots: u64[${SLOTS}] align page
global heap: u64
global sum: u64 align page
global status: u64
global thread: u64
global child: u64
global busy: 8 pages

fn descend(depth) {
  var frame: 500 bytes
  fill frame, 500, depth % 256
  if depth == 0 { return 0 }
  return descend(depth - 1) + frame[0] - frame[499]
}

fn work(place, length, value) {
  fill place, length, value
  return value
}

fn in_thread(place, length, value) {
  let t = spawn work(place, length, value)
  return join t
}

fn in_child(place, length, value) {
  let c = fork {
    fill place, length, value
    exit value
  }
  return wait c
}

// Works beside main, a few statements at a time.
fn keep_busy(rounds) {
  for i in 0..rounds {
    busy[(i * 3) % 8 * page] = i % 256
    yield
  }
  return rounds % 256
}

fn renew(place, length, offset) {
  munmap(place, length)
  mmap(length, at: place, flags: fixed)
  store place + offset, 3
}

fn window(place, value) {
  mprotect(place, page, read | write)
  store place, value
  mprotect(place, page, read)
}

fn main() {
  heap = sbrk(0)
`;

const at = ({ slot, offset }: Piece): string => `${slot.name} + ${offset}`;
const byte = (random: Random): number => random.between(0, 99);
const mappings = (random: Random, { slots }: State): Slot => random.pick(slots.slice(2) as [Slot, ...Slot[]]);

function part(slot: Slot, random: Random): { first: number; count: number; place: string } {
  const first = random.between(0, slot.access.length - 1);
  const count = random.between(1, slot.access.length - first);
  return { first, count, place: `${slot.name} + ${first} pages` };
}

function empty(slot: Slot): void {
  Object.assign(slot, { kind: "empty", access: [], length: 0, whole: false });
}

function piece(random: Random, { slots }: State, access: "write" | "read", longest: number): Piece | undefined {
  return pieceOf(random.pick(slots), access, longest, random);
}

const store: Maker = (random, state) => {
  const place = piece(random, state, "write", 1);
  return place && `store ${at(place)}, ${byte(random)}`;
};

const fill: Maker = (random, state) => {
  const place = piece(random, state, "write", random.pick([64, 3 * PAGE_BYTES, 40 * PAGE_BYTES]));
  return place && `fill ${at(place)}, ${place.length}, ${byte(random)}`;
};

const load: Maker = (random, state) => {
  const place = piece(random, state, "read", 1);
  return place && `sum += load(${at(place)})`;
};

const copy: Maker = (random, state) => {
  const to = piece(random, state, "write", 3 * PAGE_BYTES);
  const from = to && piece(random, state, "read", to.length);
  return to && from && `copy ${at(to)}, ${at(from)}, ${from.length}`;
};

const loop: Maker = (random, state) => {
  const place = piece(random, state, "write", 12 * PAGE_BYTES);
  const stride = random.pick([PAGE_BYTES, 3000, 2 * PAGE_BYTES]);
  return place && `for i in 0..${place.length} step ${stride} { store ${at(place)} + i, i % 256 }`;
};

/** The kernel copies on the program's behalf. */
const transfer: Maker = (random, state) => {
  const to = piece(random, state, "write", 3 * PAGE_BYTES);
  const from = to && piece(random, state, "read", to.length);
  if (!to || !from) return undefined;
  const call = random.pick([
    `process_vm_writev(getpid(), ${at(to)}, ${at(from)}, ${from.length})`,
    `process_vm_readv(getpid(), ${at(from)}, ${at(to)}, ${from.length})`,
  ]);
  return `status = ${call}`;
};

const KINDS = ["private", "private", "private", "shared", "sparse", "file", "file, shared", "memory, shared"] as const;

const map: Maker = (random, state) => {
  const slot = mappings(random, state);
  if (slot.kind !== "empty") return undefined;
  const kind = random.pick(KINDS);
  const pages = kind === "sparse" ? (SPARSE_GIB * 1024 ** 3) / PAGE_BYTES : random.between(1, random.pick([8, 300]));
  const access: Access =
    kind === "sparse" ? "write" : random.pick(["write", "write", "write", "write", "read", "none"]);
  const isShared = kind.endsWith("shared");
  const file = kind.startsWith("file") || kind.startsWith("memory");
  Object.assign(slot, {
    kind: kind === "sparse" ? "sparse" : isShared ? "shared" : "private",
    access: Array<Access>(kind === "sparse" ? 1 : pages).fill(access),
    length: pages * PAGE_BYTES,
    // Beyond a file's end there is nothing to grow into.
    whole: !file,
  });
  const protection = { write: "read | write", read: "read", none: "none" }[access];
  const populate = kind !== "sparse" && random.chance(10) ? " | populate" : "";
  const flags = `${isShared ? "shared" : "private"}${kind === "sparse" ? " | noreserve" : ""}${populate}`;
  if (!file) return `${slot.name} = mmap(${pages} pages, ${protection}, ${flags})`;
  state.files += 1;
  const opened = kind.startsWith("file")
    ? `create_file("/data/${state.files}", ${pages} pages)`
    : `memfd_create("${state.files}")`;
  const length = kind.startsWith("file") ? "" : `; ftruncate(file${state.files}, ${pages} pages)`;
  const name = `file${state.files}`;
  return `let ${name} = ${opened}${length}; ${slot.name} = mmap(${pages} pages, ${protection}, ${flags}, ${name}); close(${name})`;
};

const unmap: Maker = (random, state) => {
  const slot = mappings(random, state);
  if (!isMapping(slot) && slot.kind !== "sparse") return undefined;
  const { length } = slot;
  empty(slot);
  return `munmap(${slot.name}, ${length})`;
};

const replacePart: Maker = (random, state) => {
  const slot = mappings(random, state);
  if (!isMapping(slot)) return undefined;
  const { first, count, place } = part(slot, random);
  slot.access.fill("write", first, first + count);
  slot.whole = false;
  return `mmap(${count} pages, at: ${place}, flags: fixed)`;
};

const renew: Maker = (random, state) => {
  const slot = mappings(random, state);
  if (!isMapping(slot)) return undefined;
  Object.assign(slot, { kind: "private", whole: true });
  slot.access.fill("write");
  return `renew(${slot.name}, ${slot.length}, ${random.between(0, slot.length - 1)})`;
};

const protect: Maker = (random, { slots }) => {
  const slot = random.pick(slots);
  if (!isMapping(slot) && slot.kind !== "static") return undefined;
  const { first, count, place } = part(slot, random);
  const access = random.pick<Access>(["read", "none", "write", "write", "write"]);
  slot.access.fill(access, first, first + count);
  slot.whole = false;
  return `mprotect(${place}, ${count} pages, ${{ read: "read", none: "none", write: "read | write" }[access]})`;
};

/** Opens a page for one store and seals it, all in one step. */
const openWindow: Maker = (random, { slots }) => {
  const slot = random.pick(slots);
  if (!isMapping(slot) && slot.kind !== "static") return undefined;
  const { first, place } = part(slot, random);
  slot.access[first] = "read";
  slot.whole = false;
  return `window(${place}, ${byte(random)})`;
};

const discard: Maker = (random, { slots }) => {
  const slot = random.pick(slots);
  if (slot.kind === "sparse")
    return `madvise(${slot.name}, ${random.between(1, slot.length / PAGE_BYTES)} pages, dontneed)`;
  if (!isMapping(slot) && slot.kind !== "static") return undefined;
  const { count, place } = part(slot, random);
  return `madvise(${place}, ${count} pages, ${random.pick(["dontneed", "dontneed", "free"])})`.replace(
    // Memory of files can't be given up lazily.
    "free",
    slot.kind === "private" && slot.whole ? "free" : "dontneed",
  );
};

const populate: Maker = (random, state) => {
  const slot = mappings(random, state);
  if (!isMapping(slot)) return undefined;
  const { first, count, place } = part(slot, random);
  const accesses = slot.access.slice(first, first + count);
  if (accesses.every(access => access === "write")) return `madvise(${place}, ${count} pages, populate_write)`;
  return accesses.includes("none") ? undefined : `madvise(${place}, ${count} pages, populate_read)`;
};

const resize: Maker = (random, state) => {
  const slot = mappings(random, state);
  if (!slot.whole || slot.kind !== "private") return undefined;
  const before = slot.access.length;
  const now = random.between(1, 2 * before);
  slot.access = Array<Access>(now).fill(slot.access[0] ?? "write");
  slot.length = now * PAGE_BYTES;
  return `${slot.name} = mremap(${slot.name}, ${before} pages, ${now} pages)`;
};

const move: Maker = (random, state) => {
  const slot = mappings(random, state);
  if (!slot.whole || !isMapping(slot)) return undefined;
  state.moves += 1;
  const to = `0x${(AWAY + (state.moves % 14) * AWAY_STEP + state.moves * 0x1000000).toString(16)}`;
  return `${slot.name} = mremap(${slot.name}, ${slot.length}, ${slot.length}, maymove | fixed, ${to})`;
};

const grow: Maker = (random, { slots: [, heap] }) => {
  const bytes = random.between(1, random.pick([100, 5000, 60_000]));
  Object.assign(heap, { kind: "heap", access: ["write"], length: heap.length + bytes });
  return `sbrk(${bytes})`;
};

const shrink: Maker = (random, { slots: [, heap] }) => {
  if (heap.kind !== "heap") return undefined;
  const length = random.between(0, heap.length);
  if (length === 0) empty(heap);
  else heap.length = length;
  return `brk(heap + ${length})`;
};

const descend: Maker = random => `sum += descend(${random.between(1, random.pick([20, 800]))})`;

const inThread: Maker = (random, state) => {
  const place = piece(random, state, "write", 4 * PAGE_BYTES);
  return place && `status = in_thread(${at(place)}, ${place.length}, ${byte(random)})`;
};

const inChild: Maker = (random, state) => {
  const place = piece(random, state, "write", 4 * PAGE_BYTES);
  return place && `status = in_child(${at(place)}, ${place.length}, ${byte(random)})`;
};

const besides: Maker = (random, state) => {
  if (random.chance(50)) {
    state.thread = !state.thread;
    return state.thread ? `thread = spawn keep_busy(${random.between(1, 40)})` : "status = join thread";
  }
  state.child = !state.child;
  return state.child ? `child = fork keep_busy(${random.between(1, 40)})` : "status = wait child";
};

const misstep: Maker = (random, state) => {
  const slot = mappings(random, state);
  if (!isMapping(slot)) return "expect SIGSEGV store 0x1000, 1";
  const page = slot.access.findIndex(access => access !== "write");
  return page < 0 ? undefined : `expect SIGSEGV store ${slot.name} + ${page} pages, 1`;
};

/** As often as they shall be tried. */
const MAKERS: readonly [Maker, ...Maker[]] = [
  ...[store, store, store, store, fill, fill, fill, load, load, load, copy, copy, loop, transfer],
  ...[map, map, map, map, map, unmap, replacePart, renew, protect, protect, openWindow, discard, discard, populate],
  ...[resize, resize, move, grow, shrink, descend, inThread, inChild, besides, misstep],
] as [Maker, ...Maker[]];

/** A program, with the most telling name for fast-check to print: its text. */
export function randomPrograms(): fc.Arbitrary<string> {
  const draw: fc.Arbitrary<Draw> = fc.record({
    maker: fc.nat(MAKERS.length - 1),
    seed: fc.noShrink(fc.nat(0x7fffffff)),
  });
  return fc.noBias(fc.array(draw, { minLength: 1, maxLength: 70, size: "max" })).map(draws => programOf(draws));
}

function programOf(draws: readonly Draw[]): string {
  const statics = Array<Access>(STATIC_PAGES).fill("write");
  const state: State = {
    slots: [
      { name: "statics", kind: "static", access: statics, length: STATIC_PAGES * PAGE_BYTES, whole: false },
      { name: "heap", kind: "empty", access: [], length: 0, whole: false },
      ...Array.from(
        { length: SLOTS },
        (_, i): Slot => ({ name: `slots[${i}]`, kind: "empty", access: [], length: 0, whole: false }),
      ),
    ],
    moves: 0,
    files: 0,
    thread: false,
    child: false,
  };
  const lines = draws.flatMap(({ maker, seed }) => MAKERS[maker](new Random(seed), state) ?? []);
  return `${PROLOGUE}${lines.map(line => `  ${line}\n`).join("")}}\n`;
}

// How long a simulated program keeps its host waiting, and how much of the host's memory it takes. Counted in units of work, not in time.
import assert from "node:assert/strict";
import { compileProgram } from "../../../src/simulation/compile/program.ts";
import { Execution, type Outcome } from "../../../src/simulation/run/execution.ts";
import { outputOf, run, runMain } from "./programs.ts";

/** Work that is asked for between two looks at Pause, as the debug adapter does. */
const ASKED = 2000;
/** What may come on top: the piece of a call that is under way, at most a few huge pages. */
const ON_TOP = 2500;
/** A gibibyte, populated: what follows works on it. */
const POPULATED = "let a = mmap(1 GiB, read | write, populate)\n";

interface Looks {
  /** Work between two looks. */
  readonly longest: number;
  readonly total: number;
  readonly outcome: Outcome;
}

/** Runs a program as the debug adapter does, looking up between runs; at most so many times. */
function looksAt(source: string, most = 5000): Looks {
  const execution = new Execution(compileProgram(source));
  const { work } = execution.machine;
  const begin = work.done;
  let longest = 0;
  let outcome: Outcome = { kind: "paused" };
  for (let i = 0; i < most && outcome.kind !== "exited" && outcome.kind !== "fault"; i += 1) {
    const before = work.done;
    outcome = execution.run(undefined, ASKED);
    longest = Math.max(longest, work.done - before);
  }
  return { longest, total: work.done - begin, outcome };
}

/** Each does a gibibyte's work, or more, in one call. */
const LONG_CALLS: Readonly<Record<string, string>> = {
  "mmap of populated memory": "let a = mmap(1 GiB, read | write, populate)",
  "mmap of populated shared memory": "let a = mmap(1 GiB, read | write, shared | populate)",
  "madvise populate_read": "let a = mmap(1 GiB)\nmadvise(a, 1 GiB, populate_read)",
  "madvise populate_write": "let a = mmap(1 GiB)\nmadvise(a, 1 GiB, populate_write)",
  "madvise dontneed": `${POPULATED}madvise(a, 1 GiB, dontneed)`,
  "madvise free": `${POPULATED}madvise(a, 1 GiB, free)`,
  "madvise cold": `${POPULATED}madvise(a, 1 GiB, cold)`,
  "madvise pageout": `${POPULATED}madvise(a, 1 GiB, pageout)`,
  "madvise collapse": `${POPULATED}madvise(a, 1 GiB, collapse)`,
  "madvise guard_install and guard_remove": `let a = mmap(1 GiB)
    madvise(a, 1 GiB, guard_install)
    madvise(a, 1 GiB, guard_remove)`,
  "munmap of huge pages": `let a = mmap(1 GiB)
    madvise(a, 1 GiB, hugepage)
    madvise(a, 1 GiB, populate_write)
    munmap(a, 1 GiB)`,
  "mmap over what is there": `${POPULATED}mmap(1 GiB, read | write, fixed, at: a)`,
  "mremap to a smaller size": `${POPULATED}mremap(a, 1 GiB, page)`,
  fork: `${POPULATED}fork { loop { } }`,
  process_vm_readv: `${POPULATED}let b = mmap(256 MiB)\nprocess_vm_readv(getpid(), a, b, 256 MiB)`,
  process_vm_writev: `${POPULATED}let b = mmap(256 MiB)\nprocess_vm_writev(getpid(), b, a, 256 MiB)`,
  fill: "let a = mmap(1 GiB)\nfill a, 1 GiB, 7",
  "a fill that is only part of a statement's work": "fill identity(mmap(1 GiB)), 1 GiB, 7",
};

describe("A simulated program lets its host have its turn", () => {
  for (const [name, body] of Object.entries(LONG_CALLS)) {
    it(`in the midst of one long call: ${name}`, () => {
      // The end of a process takes its memory away at once: that is not what is counted here.
      const source = `fn main() {\n${body}\nloop { }\n}\nfn identity(x) { return x }`;
      const { longest, total } = looksAt(source, 2000);
      assert.ok(total > 20 * ASKED, `${total} units of work are too few to tell`);
      assert.ok(longest <= ASKED + ON_TOP, `${longest} units of work between two looks`);
    });
  }

  it("between short calls that each do much", () => {
    const { longest } = looksAt("fn main() { let a = mmap(1 GiB)\nloop { try madvise(a, 1 GiB, dontneed) } }", 300);
    assert.ok(longest <= ASKED + ON_TOP, `${longest} units of work between two looks`);
    const scans = `fn main() {
  let a = mmap(64 MiB, read | write, populate)
  let map = open("/proc/self/pagemap")
  let request = mmap(page)
  store64 request, 96
  store64 request + 16, a
  store64 request + 24, a + 64 MiB
  store64 request + 72, 2
  loop { ioctl(map, 0xc0606610, request) }
}`;
    // One scan is not interrupted: it takes what its tables take.
    assert.ok(looksAt(scans, 300).longest <= ASKED + 3 * ON_TOP);
  });

  it("and does the same as if nobody had looked", () => {
    const source = `global sum
fn main() {
  let t = spawn other()
  let a = mmap(64 MiB, read | write, populate)
  expect ENOMEM madvise(a, 128 MiB, populate_write)
  let child = fork {
    a[0] = 5
    expect EINVAL let x = madvise(a + 1, page, dontneed)
    exit a[0] + try madvise(a, 64 MiB, dontneed) + a[0]
  }
  print wait child, munmap(a, 64 MiB) + mmap(64 MiB, read | write, populate, at: a) == a
  print join t, page_faults() > 16384
}
fn other() {
  for i in 0..50 { sum += random(9) }
  return sum
}`;
    const whole = outputOf(source);
    const execution = new Execution(compileProgram(source), { output: text => printed.push(text) });
    const printed: string[] = [];
    let outcome: Outcome = { kind: "paused" };
    let interruptions = 0;
    while (outcome.kind === "paused" || outcome.kind === "working") {
      outcome = execution.run(undefined, 7);
      if (outcome.kind === "working") interruptions += 1;
    }
    assert.deepEqual(outcome, { kind: "exited", code: 0 });
    assert.equal(printed.join(""), whole);
    assert.ok(interruptions > 10, `${interruptions} interruptions`);
  });

  it("with no other thread's statements in the midst of a call", () => {
    const source = `global ticks
fn main() {
  let t = spawn tick()
  let before = ticks
  let a = mmap(256 MiB, read | write, populate)
  print ticks - before <= 4
  exit 0
}
fn tick() { loop { ticks += 1 } }`;
    assert.equal(outputOf(source), "1\n");
  });
});

describe("A simulated program's memory is bounded, whatever it calls", () => {
  /** An eighth of the machine's 2 GiB is for page tables. */
  const MOST_TABLES = 2 ** 28 / 4096;

  it("by ENOMEM for a call that would make page tables for terabytes", () => {
    const execution = new Execution(
      compileProgram(`fn main() {
  let a = mmap(16 TiB, read | write, noreserve)
  expect ENOMEM madvise(a, 16 TiB, guard_install)
  munmap(a, 16 TiB)
  store64 mmap(page), 1
}`),
    );
    let most = 0;
    let outcome: Outcome = { kind: "paused" };
    while (outcome.kind === "paused" || outcome.kind === "working") {
      outcome = execution.run(undefined, 100_000);
      most = Math.max(most, execution.machine.frames.taken);
    }
    assert.deepEqual(outcome, { kind: "exited", code: 0 });
    assert.ok(most > MOST_TABLES / 2 && most <= MOST_TABLES + 100, `${most} pages`);
  }).timeout(60_000);

  it("by ENOMEM for descriptors, areas and processes that are too many", () => {
    assert.match(runMain('loop { memfd_create("x") }').fault?.message ?? "", /memfd_create failed: EMFILE/);
    const areas = "let a = mmap(1 GiB)\nfor i in 0..70000 { mprotect(a + i * 2 pages, page, none) }";
    assert.match(runMain(areas).fault?.message ?? "", /mprotect failed: ENOMEM/);
  }).timeout(60_000);

  it("by an end that says so where a store finds no page", () => {
    const { fault } = run("fn main() { let a = mmap(6 GiB, read | write, noreserve | populate)\nfill a, 6 GiB, 0\n}");
    assert.match(fault?.message ?? "", /out of memory: the simulated machine has 2 GiB/);
  }).timeout(60_000);

  it("also where huge pages come and go", () => {
    const execution = new Execution(
      compileProgram(`fn main() {
  let a = mmap(4 MiB)
  madvise(a, 4 MiB, hugepage)
  let start = (a + 2 MiB - 1) & ~(2 MiB - 1)
  for i in 0..300 {
    store start, 1
    madvise(start, 2 MiB, dontneed)
  }
}`),
    );
    assert.equal(execution.run(undefined, Number.POSITIVE_INFINITY).kind, "exited");
    assert.ok(execution.machine.frames.highest < 16 * 512, `frames up to ${execution.machine.frames.highest}`);
  });
});

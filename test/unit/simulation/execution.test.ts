// What simulated programs do when they run: memory, threads, processes, and how they end.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Machine } from "../../../src/kernel/simulated/machine.ts";
import { LINUX_6_7 } from "../../../src/kernel/simulated/profile.ts";
import { pageOf } from "../../../src/memory/page.ts";
import { compileProgram } from "../../../src/simulation/compile/program.ts";
import { Execution } from "../../../src/simulation/run/execution.ts";
import { outputOf, Recorder, run, runMain } from "./programs.ts";

/** Pages written by each line of main, by the program's own stores alone. */
function writtenByLine(source: string): Map<number, number[]> {
  const recorder = new Recorder();
  const execution = new Execution(compileProgram(source), { wrap: recorder.wrap });
  const [main] = execution.threads;
  const lines = new Map<number, number[]>();
  assert.ok(main);
  recorder.written();
  for (;;) {
    const line = execution.program.marks[main.pc]?.span.start.line ?? 0;
    const outcome = execution.step(main);
    lines.set(line, [...(lines.get(line) ?? []), recorder.written().pageCount]);
    if (outcome.kind !== "stopped") return lines;
  }
}

describe("A simulated program", () => {
  it("writes memory where it says so: a let is in a register, a var on the stack, a global in the data", () => {
    const lines = writtenByLine(
      `global total
fn main() {
  let a = 1
  a = a + 1
  var b = 2
  b += a
  total = b
  call(total)
  for i in 0..3 { a += i }
  a[0] = 1
}
fn call(x) {
  x += 1
}`.replace("a[0] = 1", "total += a"),
    );
    assert.deepEqual(lines.get(3), [0]);
    assert.deepEqual(lines.get(4), [0]);
    assert.deepEqual(lines.get(5), [1]);
    assert.deepEqual(lines.get(6), [1]);
    assert.deepEqual(lines.get(7), [1]);
    // The call's return address.
    assert.deepEqual(lines.get(8), [1]);
    assert.deepEqual(new Set(lines.get(9)), new Set([0]));
    assert.deepEqual(lines.get(10), [1]);
  });

  it("fills and copies pages in few calls of the kernel", () => {
    const recorder = new Recorder();
    const { fault } = runMain(
      `
  let a = mmap(64 MiB)
  fill a + 1, 32 MiB, 7
  copy a + 16 MiB, a, 20 MiB
  assert a[0] == 0 && a[1] == 7 && a[32 MiB] == 7
  assert a[16 MiB] == 0 && a[36 MiB - 1] == 7 && a[36 MiB] == 0`,
      { wrap: recorder.wrap },
    );
    assert.equal(fault, undefined);
    assert.ok(recorder.calls.length < 200, `${recorder.calls.length} calls`);
  });

  it("copies as memmove does, whichever way the ranges overlap", () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.nat(9000), (to, from, length) => {
        const { fault } = runMain(`
  let a = mmap(8 pages)
  for i in 0..4 { fill a + i * 3001, 3001, 50 + i }
  let before = mmap(8 pages)
  copy before, a, 8 pages
  copy a + ${to}, a + ${from}, ${length}
  for i in 0..${length} step 101 { assert a[${to} + i] == before[${from} + i] }
  assert a[${to + length}] == before[${to + length}]`);
        assert.equal(fault?.message, undefined);
      }),
      { numRuns: 30 },
    );
  });

  it("has a stack that its calls write, which grows, and which ends", () => {
    const deep = (depth: number): string => `fn main() { return recurse(${depth}) % 256 }
fn recurse(n) {
  var frame: 1000 bytes
  frame[0] = n
  if n == 0 { return 0 }
  return recurse(n - 1) + frame[0] - n % 256 + 1
}`;
    assert.equal(run(deep(4000)).code, 4000 % 256);
    const { fault, code } = run(deep(9000));
    assert.equal(fault?.signal, "SIGSEGV");
    assert.ok((fault.address ?? 0) < 0x300000000000 - 8 * 2 ** 20);
    assert.equal(code, 139);
  });

  it("is sent astray by a return address that it has overwritten, as any program", () => {
    const { fault, code } = run(`fn main() { smash() }
fn smash() {
  var buffer: 16 bytes
  fill buffer, 48, 0x41
}`);
    // 0x4141414141414141 can be no address: the processor does not tell it.
    assert.deepEqual([fault?.signal, fault?.address, code], ["SIGSEGV", undefined, 139]);
    assert.match(fault?.message ?? "", /beyond the 47 bits that programs have \(SI_KERNEL\)/);
  });

  it("evaluates from left to right, calls within expressions included", () => {
    const source = `global log
fn main() {
  print note(1) + note(2) * note(3), log
  log = 0
  print note(0) && note(5), log
  print note(2) || note(5), log
  print log + clear() + log
  let a = mmap(page)
  a[note(1)] = note(2)
  a[1] += note(3)
  print a[1]
}
fn note(n) { log = log * 10 + n; return n }
fn clear() { log = 0; return 0 }`;
    assert.equal(outputOf(source), "7 123\n0 0\n1 2\n2\n5\n");
  });

  it("stops where a call fails that nobody asked about, and says which and why", () => {
    const { fault, code, line } = runMain("\n\nmunmap(1, page)");
    assert.deepEqual([fault?.signal, code, line], ["SIGABRT", 134, 3]);
    assert.match(fault?.message ?? "", /^munmap failed: EINVAL\. Write "try" before the call/);
    assert.equal(outputOf(`fn main() { print try munmap(1, page) == -EINVAL }`), "1\n");
    assert.equal(runMain("expect EINVAL munmap(1, page)").code, 0);
    assert.match(
      runMain("expect EINVAL munmap(0, page)").fault?.message ?? "",
      /expected EINVAL here, but nothing failed/,
    );
    assert.match(
      runMain("expect ENOMEM munmap(1, page)").fault?.message ?? "",
      /expected ENOMEM here, but munmap failed: EINVAL/,
    );
    assert.equal(runMain("expect SIGSEGV store 0, 1").code, 0);
    assert.equal(runMain("let z = 0\nexpect SIGFPE z = 1 / z").code, 0);
    assert.equal(runMain('assert 1 > 2, "one is less"').fault?.message, "one is less");
  });

  it("runs on, ends or faults, and nothing else, whatever it asks of the kernel", () => {
    const number = fc.oneof(
      fc.constantFrom("0", "page", "a", "a + 3 pages", "a + 1", "-1", "64 pages", "1 GiB", "1 << 47", "1 << 63", "3"),
      fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n).map(String),
    );
    const call = fc.constantFrom(9, 10, 11, 12, 16, 25, 28, 77, 323, 3, 4000);
    const statement = fc.oneof(
      fc
        .tuple(call, fc.array(number, { maxLength: 6 }))
        .map(([which, values]) => `try syscall(${[which, ...values].join(", ")})`),
      fc.tuple(number, number).map(([address, value]) => `fork { store64 ${address}, ${value} }`),
      fc.tuple(number, number).map(([address, length]) => `fork { fill ${address}, ${length}, 1 }`),
      fc.tuple(number, number, number).map(values => `fork { copy ${values.join(", ")} }`),
      number.map(address => `fork { print load64(${address}) }`),
      fc.constantFrom("a = mmap(8 pages)", "yield", "spawn sleep()", "sbrk(page)"),
    );
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 8 }), statements => {
        const source = `fn main() {\nlet a = mmap(8 pages)\n${statements.join("\n")}\n}\nfn sleep() { yield }`;
        const { kind } = new Execution(compileProgram(source)).run(undefined, 2000);
        assert.ok(["exited", "fault", "paused", "working"].includes(kind));
      }),
    );
  });

  it("is ended where it takes more memory than the machine has, or more processes than it may", () => {
    const { fault, code } = runMain("let a = mmap(6 GiB)\nfor i in 0..6 GiB step page { store a + i, 1 }");
    assert.match(fault?.message ?? "", /out of memory/);
    assert.equal(code, 137);
    assert.match(runMain("loop { fork { loop { yield } } }").fault?.message ?? "", /fork failed: EAGAIN/);
  });

  it("faults as the processor does, with the address and the reason, and ends with 128 and the signal", () => {
    const faults: readonly (readonly [string, string, RegExp, number])[] = [
      ["store 0x10, 1", "SIGSEGV", /write to 0x10: address not mapped to object \(SEGV_MAPERR\)/, 139],
      ["let a = mmap(page, read)\na[5] = 1", "SIGSEGV", /invalid permissions for mapped object \(SEGV_ACCERR\)/, 139],
      ["print load(2 TiB)", "SIGSEGV", /read of 0x20000000000/, 139],
      ["store64 -1, 1", "SIGSEGV", /write to 0x1/, 139],
      [
        'let f = memfd_create("m")\nlet a = mmap(page, read | write, shared, f)\na[0] = 1',
        "SIGBUS",
        /beyond the end/,
        135,
      ],
      ["let z = 0\nprint 5 % z", "SIGFPE", /division by zero/, 136],
      ["let big = 1 << 63\nprint big * 4", "SIGABRT", /does not fit 64 bits/, 134],
    ];
    for (const [statements, signal, message, exitCode] of faults) {
      const { fault, code } = runMain(`\n${statements}`);
      assert.equal(fault?.signal, signal, statements);
      assert.match(fault.message, message);
      assert.equal(code, exitCode);
    }
  });

  it("hands numbers to the kernel as registers carry them, whatever they are", () => {
    assert.equal(
      outputOf(`fn main() {
  let a = mmap(page)
  print try munmap(a, -1), try munmap(a, 0xffff_ffff_ffff_ffff), try mmap(1 << 63), try mprotect(a + 1, page, read)
  print try syscall(11, a, page), try syscall(4242), try syscall(9, 0, page, 3, 0x22, -1, 0) > 0
}`),
      "-22 -22 -12 -22\n0 -38 1\n",
    );
  });

  it("knows files, shared memory, and the same pages in two places", () => {
    assert.equal(
      outputOf(`fn main() {
  let file = create_file("/data/level", 3 pages)
  let one = mmap(3 pages, read | write, shared, file)
  let other = mmap(2 pages, read | write, shared, open("/data/level"), page)
  let own = mmap(page, read | write, private, file, page)
  one[page] = 7
  print other[0], own[0]
  own[0] = 8
  print other[0], own[0], try open("/nowhere") == -ENOENT
  let memory = memfd_create("scratch")
  ftruncate(memory, page)
  let m = mmap(page, read | write, shared, memory)
  m[0] = 5
  close(memory)
  print m[0], try close(memory) == -EBADF
}`),
      "7 7\n7 8 1\n5 1\n",
    );
  });

  it("moves, grows and gives back memory", () => {
    assert.equal(
      outputOf(`fn main() {
  let a = mmap(4 pages, at: 0x210000000000, flags: fixed)
  a[page] = 1
  let b = mremap(a, 4 pages, 8 pages)
  print b[page], sizeof_heap()
  madvise(b, 8 pages, dontneed)
  print b[page]
  let c = mremap(b, 8 pages, 8 pages, maymove | fixed, to: 0x220000000000)
  print hex(c)
  let heap = sbrk(2 pages)
  heap[2 * page - 1] = 3
  print brk(0) - heap
}
fn sizeof_heap() { return brk(0) - brk(0) }`),
      "1 0\n0\n0x220000000000\n8192\n",
    );
  });

  it("runs threads that share memory, each on a stack of its own, and joins their results", () => {
    const source = `global counters: u64[4]
fn main() {
  let first = spawn count(0, 100)
  let second = spawn count(1, 50)
  print join second, join first, counters[0], counters[1]
}
fn count(which, n) {
  var i = 0
  while i < n { counters[which] += 1; i += 1 }
  return &i
}`;
    const [second, first, a, b] = outputOf(source).trim().split(" ").map(Number);
    assert.deepEqual([a, b], [100, 50]);
    assert.ok(Math.abs((first ?? 0) - (second ?? 0)) > 8 * 2 ** 20);
  });

  it("interleaves threads the same way for the same seed, and another way for another", () => {
    const source = `fn main() {
  let a = spawn say(1)
  let b = spawn say(2)
  join a
  join b
}
fn say(n) { for i in 0..20 { print n } }`;
    const of = (seed: number): string => outputOf(source, { seed });
    fc.assert(
      fc.property(fc.nat(), seed => assert.equal(of(seed), of(seed))),
      { numRuns: 20 },
    );
    assert.ok(new Set(Array.from({ length: 10 }, (_, seed) => of(seed))).size > 5);
  });

  it("draws the same random numbers for the same seed, all below the end", () => {
    const numbers = (seed: number, end: number): number[] =>
      outputOf(`fn main() { for i in 0..50 { print random(${end}) } }`, { seed }).trim().split("\n").map(Number);
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (seed, end) => {
        const drawn = numbers(seed, end);
        assert.deepEqual(drawn, numbers(seed, end));
        for (const number of drawn) assert.ok(Number.isSafeInteger(number) && number >= 0 && number < end);
      }),
      { numRuns: 30 },
    );
    assert.equal(new Set(numbers(1, 5)).size, 5);
    assert.equal(
      outputOf("seed 9\nfn main() { print random(1000) }"),
      outputOf("fn main() { print random(1000) }", { seed: 9 }),
    );
  });

  it("is stopped where every thread waits for another", () => {
    const { fault } = run(`global first
fn main() {
  first = spawn wait_for_main()
  join first
}
fn wait_for_main() { while first == 0 { yield }; join first }`);
    assert.match(fault?.message ?? "", /every thread waits for another/);
  });

  it("does not end while a thread spins, and lets the others run meanwhile", () => {
    const source = `global go
fn main() {
  let t = spawn spin()
  for i in 0..100 { yield }
  go = 1
  print join t
}
fn spin() {
  let turns = 0
  while go == 0 { turns += 1; yield }
  return turns > 10
}`;
    assert.equal(outputOf(source), "1\n");
    const execution = new Execution(compileProgram("fn main() { loop { } }"));
    assert.equal(execution.run(undefined, 1000).kind, "paused");
    assert.equal(execution.statements, 1000);
  });

  it("forks children with memory and names of their own, and waits for their codes", () => {
    const source = `global shared_with_nobody = 1
fn main() {
  let a = mmap(page)
  let s = mmap(page, read | write, shared)
  let x = 5
  let child = fork {
    a[0] = 9
    s[0] = 9
    x += 1
    shared_with_nobody = 2
    print "child", a[0], x, shared_with_nobody
    exit x
  }
  print wait child, a[0], s[0], x, shared_with_nobody
  print wait fork double(21), wait fork { }
  let pid = fork()
  if pid == 0 { exit 3 }
  print wait pid
  let bad = fork { store 0, 1 }
  print wait bad
}
fn double(n) { return n * 2 }`;
    const { output, fault } = run(source);
    assert.equal(fault, undefined);
    assert.match(output, /^child 9 6 2\n6 0 9 5 1\n42 0\n3\nprocess \d+: SIGSEGV, write to 0x0: .*\n139\n$/);
    assert.match(runMain("wait 5").fault?.message ?? "", /no child to wait for/);
  });

  it("begins anew by exec, with fresh memory and none of its threads", () => {
    const source = `global score = 3
fn main() {
  let a = mmap(page)
  score = 99
  let t = spawn forever()
  exec second(a, 7)
}
fn second(a, code) {
  print score, try munmap(a, page), brk(0) > 0
  expect SIGSEGV store a, 1
  return code
}
fn forever() { loop { yield } }`;
    const { output, code, fault } = run(source);
    assert.equal(fault, undefined);
    assert.equal(output, "3 0 1\n");
    assert.equal(code, 7);
  });

  it("does what userfaultfd and PAGEMAP_SCAN are for, by itself", () => {
    const source = `# Watches its own pages, as WriteWatch does.
fn main() {
  let pages = mmap(16 pages)
  let watch = userfaultfd()
  let request = mmap(page)
  # struct uffdio_api, with the features WriteWatch asks for
  store64 request, 0xaa
  store64 request + 8, 1 | 1 << 12 | 1 << 13 | 1 << 15
  ioctl(watch, 0xc018aa3f, request)
  # struct uffdio_register, uffdio_writeprotect
  store64 request, pages
  store64 request + 8, 16 pages
  store64 request + 16, 2
  ioctl(watch, 0xc020aa00, request)
  store64 request + 16, 1
  ioctl(watch, 0xc018aa06, request)
  fill pages + 3 pages, 2 pages, 1
  pages[9 * page] = 1
  # struct pm_scan_arg
  let map = open("/proc/self/pagemap")
  let vector = mmap(page)
  fill request, 96, 0
  store64 request, 96
  store64 request + 16, pages
  store64 request + 24, pages + 16 pages
  store64 request + 40, vector
  store64 request + 48, 100
  store64 request + 72, 2
  store64 request + 88, 2
  let regions = ioctl(map, 0xc0606610, request)
  for i in 0..regions {
    let region = vector + i * 24
    print (load64(region) - pages) / page, (load64(region + 8) - pages) / page
  }
  print load64(request + 32) == pages + 16 pages, try ioctl(map, 0xc0606610, 8) == -EFAULT
}`;
    assert.equal(outputOf(source), "3 5\n9 10\n1 1\n");
  });

  it("runs on the kernel it is given, under its own name", () => {
    const machine = new Machine(LINUX_6_7);
    const execution = new Execution(compileProgram("fn main() { madvise(mmap(page), page, guard_install) }"), {
      machine,
      name: "guards",
    });
    assert.equal(execution.main.kernel.mappings()[0]?.name, "/guards");
    assert.equal(execution.run(undefined, 1000).kind, "fault");
    assert.equal(runMain("madvise(mmap(page), page, guard_install)").code, 0);
  });

  it("has as much data as its globals need, page by page where they are large", () => {
    const source = `global small: u8 = 255
global table: 5000 pages
global more: u16 align page = 0x1234
fn main() {
  fill table, sizeof(table), 1
  small += 1
  let heap = sbrk(page)
  heap[0] = 1
  print small, more, table % page, &more % page, hex(&small)
}`;
    assert.match(outputOf(source), /^0 4660 0 0 0x[0-9a-f]+\n$/);
    const { threads, main } = new Execution(compileProgram("global a\nfn main() { }"));
    const data = main.kernel.mappings().find(({ start, end }) => start <= pageOf(main.data) && pageOf(main.data) < end);
    assert.equal(data?.name, "/program");
    assert.equal(threads.length, 1);
  });
});

// The trace command on simulated programs: the same lines as for native ones, from a program's first line to its end.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../../src/trace/main.ts", import.meta.url));
const example = fileURLToPath(new URL("../../examples/simulated/first-steps.wsim", import.meta.url));

interface Told {
  readonly event: string;
  readonly exitCode?: number;
  readonly pages?: number;
  readonly from?: { readonly line: number };
  readonly written?: readonly { readonly pages: number; readonly mapping: string }[];
  readonly discarded?: readonly { readonly pages: number }[];
  readonly changed?: readonly {
    readonly address: string;
    readonly before: string | null;
    readonly after: string | null;
  }[];
}

interface Hit {
  readonly by: string;
  readonly thread: number;
  readonly before: string;
  readonly place: { readonly function: string; readonly line: number };
  readonly systemCall?: { readonly number: number };
}

describe("A simulated program's trace", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-simulated-"));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]) => spawnSync(process.execPath, [command, ...args], { encoding: "utf8" });

  function program(text: string): string {
    const file = join(folder, "program.wsim");
    writeFileSync(file, text);
    return file;
  }

  function told(text: string, ...args: string[]): Told[] {
    const { stdout, stderr } = run("--simulate", program(text), "--json", ...args);
    assert.notEqual(stdout, "", stderr);
    return stdout
      .trim()
      .split("\n")
      .map(line => JSON.parse(line));
  }

  const PROGRAM = `fn main() {
  let memory = mmap(8 pages)
  fill memory + 2 pages, 3 pages, 7
  madvise(memory + 2 pages, 2 pages, dontneed)
  exit memory[4 * page]
}
`;

  for (const kernel of ["6.18", "6.7"]) {
    it(`tells on Linux ${kernel} what each line wrote and gave back, and how the program ended`, () => {
      const events = told(PROGRAM, "--kernel", kernel);
      const line = (number: number): Told | undefined => events.find(({ from }) => from?.line === number);
      assert.equal(events[0].event, "armed");
      assert.deepEqual(
        line(3)?.written?.map(({ pages, mapping }) => ({ pages, mapping })),
        [{ pages: 3, mapping: "[anon]" }],
      );
      assert.deepEqual(
        line(4)?.discarded?.map(({ pages }) => pages),
        [2],
      );
      assert.equal(line(4)?.pages, 0);
      assert.deepEqual(events.at(-1), { event: "exited", exitCode: 7 });
    });
  }

  it("tells with --bytes what each line changed, from what and to what", () => {
    const text = `fn main() {
  let memory = mmap(8 pages)
  fill memory + 2 pages, 4, 7
  memory[2 * page + 1] = 9
  memory[2 * page + 1] = 9
  madvise(memory + 2 pages, 2 pages, dontneed)
}
`;
    const events = told(text, "--bytes");
    const changed = (line: number): string[] =>
      (events.find(({ from }) => from?.line === line)?.changed ?? [])
        .filter(({ address }) => address.startsWith("0x1fff"))
        .map(({ address, before, after }) => `${address.slice(-3)} ${before} ${after}`);
    assert.deepEqual([3, 4, 5, 6].map(changed), [
      ["000 00000000 07070707"],
      ["001 07 09"],
      [],
      ["000 07090707 00000000"],
    ]);
    assert.equal(told(text)[2].changed, undefined, "bytes that nobody asked for");
  });

  it("begins at a line or at a function, and lets the program run on after so many steps", () => {
    const text = 'fn main() {\n  f(1)\n  f(2)\n  print "end"\n}\nfn f(x) {\n  return x\n}\n';
    for (const [place, line] of [
      ["3", 3],
      ["f", 7],
    ] as const) {
      const events = told(text, "--break", place, "--steps", "1");
      assert.deepEqual(
        events.map(({ event, from }) => `${event} ${from?.line ?? ""}`.trim()),
        ["armed", `step ${line}`, "exited"],
      );
    }
  });

  it("tells the signal where the program faults, and ends with its exit code", () => {
    const events = told("fn main() {\n  let memory = mmap(page, read)\n  memory[0] = 1\n}\n");
    assert.match(JSON.stringify(events.at(-2)), /"event":"signal","what":"signal SIGSEGV: write to 0x.*"line":3/);
    assert.deepEqual(events.at(-1), { event: "exited", exitCode: 139 });
  });

  it("is the same for the same seed, and another for another", () => {
    const text = "fn main() {\n  let memory = mmap(1024 pages)\n  memory[random(1024) * page] = 1\n}\n";
    const written = (seed: string): string =>
      JSON.stringify(told(text, "--seed", seed).map(({ written: pages }) => pages));
    assert.equal(written("7"), written("7"));
    assert.notEqual(written("7"), written("8"));
  });

  it("gives the program's output to a file, or to standard error", () => {
    const file = program('fn main() {\n  print "hello"\n}\n');
    const output = join(folder, "output.txt");
    run("--simulate", file, "--output", output);
    assert.equal(readFileSync(output, "utf8"), "hello\n");
    assert.match(run("--simulate", file).stderr, /hello/);
  });

  for (const [what, text, words, ...more] of [
    ["a program that can't be understood", "fn main( {\n}\n", /line 1, column 10: expected/],
    [
      "a line that is never reached",
      "fn main() {\n  return\n  print 1\n}\n",
      /ended.*before it came to 3.*--break/,
      "--break",
      "3",
    ],
    ["an endless step", "fn main() {\n  loop { yield }\n}\n", /neither stopped nor ended for 1 s.*--timeout/],
  ] as const) {
    it(`says so for ${what}`, () => {
      const { status, stderr } = run("--simulate", program(text), "--timeout", "1", ...more);
      assert.equal(status, 1);
      assert.match(stderr, words);
    });
  }

  it("says so where there is no such program", () => {
    const { status, stderr } = run("--simulate", join(folder, "nowhere.wsim"));
    assert.equal(status, 1);
    assert.match(stderr, /There is no program at .*nowhere\.wsim.*--simulate/);
  });

  it("tells something of every kind for the example that npm start shows", () => {
    const { status, stdout } = run("--simulate", example);
    assert.equal(status, 0);
    for (const kind of ["stack", "anonymous", "heap", "data", "gave 4 pages back"])
      assert.match(stdout, new RegExp(kind));
  });

  it("stops at each write to what is watched, in whichever thread, and loses none", () => {
    // Its globals begin in the program's file, where the kernel lets no store wait: a copy takes their place.
    const worker = `global counters: 2 pages align page
fn main() {
  let t = spawn worker(1)
  let u = spawn worker(2)
  join t; join u
  exit counters[0] + counters[page + 8]
}
fn worker(n) {
  for i in 0..20 { if i % 10 == 5 { bump(n, i) } }
}
fn bump(n, i) {
  counters[(n - 1) * (page + 8)] = n * 10 + i
}
`;
    const lines = told(worker, "--stop-at-write", "counters") as (Told & Hit)[];
    const hits = lines.filter(({ event }) => event === "hit");
    assert.deepEqual(
      hits.map(({ by, place }) => `${by} ${place.function}:${place.line}`),
      new Array(4).fill("store bump:12"),
    );
    const ofThread = (thread: number) =>
      hits.filter(hit => hit.thread === thread).map(({ before }) => before.slice(0, 2));
    assert.deepEqual(ofThread(2), ["00", "0f"]);
    assert.deepEqual(ofThread(3), ["00", "19"]);
    assert.deepEqual(lines.at(-1), { event: "exited", exitCode: 25 + 35 });
  });

  it("stops at each of many writes of the same value by the same statement, too", () => {
    const same = `global value = 5
fn main() {
  let t = spawn worker()
  join t
}
fn worker() {
  for i in 0..20 { put(5 + i / 15) }
}
fn put(n) {
  value = n
}
`;
    const hits = told(same, "--stop-at-write", "value").filter(({ event }) => event === "hit");
    assert.equal(hits.length, 20);
  });

  it("tells a write by a system call after it, with the call", () => {
    const reader = `global pad: 16 pages
global buffer: page align page
fn main() {
  pad[0] = 9
  process_vm_readv(getpid(), pad, buffer + 8, 100)
  exit buffer[8]
}
`;
    const lines = told(reader, "--stop-at-write", "buffer") as (Told & Hit)[];
    const hits = lines.filter(({ event }) => event === "hit");
    assert.deepEqual(
      hits.map(({ by, systemCall }) => [by, systemCall?.number]),
      [["system call", 310]],
    );
    assert.equal(lines.at(-1)?.exitCode, 9);
  });
});

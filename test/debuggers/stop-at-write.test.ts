// Stop at Write under real debuggers: the program stands before the store, at its line, in the thread that stores.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { topFrame } from "../../src/debuggers/frame.ts";
import { parseCondition } from "../../src/session/watch-condition.ts";
import type { Hit, WatchRequest } from "../../src/session/watch-hit.ts";
import type { Happening } from "../../src/trace/debuggee.ts";
import { compiledText } from "../compile.ts";
import { EVERY_ADAPTER } from "../debuggers-here.ts";
import { WatchedProgram } from "./session.ts";

/** Each line that stores into the table says so. */
const STRAY = `#include <stdio.h>
#include <sys/mman.h>
static char *table;
static long sum;
static void work(long i) { sum += i; }
static void stray(long at) {
  table[at] = 42; // stray
}
int main(void) {
  table = mmap(0, 1L << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  for (long i = 0; i < 10000; i += 1) { // ready
    work(i);
    if (i == 7777) stray(123456789);
  }
  table[5] = 9; // second
  printf("%d %d %ld\\n", table[123456789], table[5], sum);
  return 0;
}
`;

const THREADS = `#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static long *table;
static volatile long busy;
static void *storer(void *which) {
  long me = (long)which;
  for (int i = 0; i < 3; i += 1) {
    for (int k = 0; k < 1000; k += 1) busy += 1;
    table[me * 1024 + i] = 10 * me + i; // store
  }
  return 0;
}
static void all(void) {
  pthread_t threads[4];
  for (long i = 0; i < 4; i += 1) pthread_create(&threads[i], 0, storer, (void *)i);
  for (long i = 0; i < 4; i += 1) pthread_join(threads[i], 0);
}
int main(void) {
  table = aligned_alloc(4096, 65536);
  memset(table, 1, 65536);
  all(); // ready
  for (long i = 0; i < 4; i += 1) printf("%ld %ld %ld ", table[i * 1024], table[i * 1024 + 1], table[i * 1024 + 2]);
  return 0;
}
`;

const CALLS = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static char *buffer;
static void child(void) {
  pid_t pid = fork();
  if (pid == 0) {
    buffer[0] = 'c';
    execl("/bin/true", "true", (char *)0);
    _exit(9);
  }
  int status;
  waitpid(pid, &status, 0);
  printf("%d ", status);
}
int main(void) {
  int ends[2];
  if (pipe(ends) != 0) return 1;
  buffer = aligned_alloc(4096, 8192);
  memset(buffer, '.', 8192);
  if (write(ends[1], "hello", 5) != 5) return 2; // ready
  long count = read(ends[0], buffer + 100, 5);
  usleep(300000);
  child();
  buffer[1] = 'p'; // parent
  printf("%ld %.5s %c%c\\n", count, buffer + 100, buffer[0], buffer[1]);
  return 0;
}
`;

const CONDITIONS = `#include <stdio.h>
#include <stdlib.h>
static int *numbers;
static void quiet(int i) {
  numbers[0] = i; // quiet
}
static void loud(int i) {
  numbers[0] = i; // loud
}
int main(void) {
  numbers = aligned_alloc(4096, 4096);
  numbers[0] = 0;
  quiet(0); // ready
  loud(0);
  quiet(1);
  loud(1);
  loud(7);
  quiet(7);
  loud(8);
  printf("%d\\n", numbers[0]);
  return 0;
}
`;

const EDITED = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int *numbers;
static void calls(int depth) {
  int here[8] = {depth};
  if (depth > 0) calls(depth - here[0] / depth);
}
int main(void) {
  int local = 1;
  numbers = aligned_alloc(4096, 4096);
  memset(numbers, 0, 4096); // ready
  numbers[0] = 1; // first
  calls(3);
  local += 1; // local
  numbers[0] += 5; // second
  printf("%d %d %d\\n", numbers[0], numbers[1], local);
  return 0;
}
`;

/** How a user of each has it set a variable. */
function assignment(name: string, what: string): { expression: string; context: string } {
  if (name === "gdb") return { expression: `>set var ${what}`, context: "repl" };
  if (name === "gdb-dap") return { expression: `set var ${what}`, context: "repl" };
  if (name === "cppdbg-double") return { expression: `-exec set var ${what}`, context: "repl" };
  return { expression: name === "codelldb" ? `/nat ${what}` : what, context: "watch" };
}

function lineOf(text: string, mark: string): number {
  return text.split("\n").findIndex(line => line.endsWith(`// ${mark}`)) + 1;
}

class Watch {
  readonly watched: WatchedProgram;
  readonly hits: Hit[] = [];

  private constructor(watched: WatchedProgram) {
    this.watched = watched;
    watched.session.watching.onHit.listen(hit => this.hits.push(hit));
  }

  static async begin(name: (typeof EVERY_ADAPTER)[number], text: string, id: string, output: string): Promise<Watch> {
    const program = compiledText(text, id, ["-g", "-O0", "-pthread"]);
    const source = `${program}.c`;
    const watched = await WatchedProgram.start(name, program, output, `${source}:${lineOf(text, "ready")}`);
    return new Watch(watched);
  }

  /** Watches an object, a few bytes as a rule. */
  async setObject(expression: string): Promise<void> {
    const { session, launched } = this.watched;
    const { address, size } = await session.locate(expression);
    await session.watching.set([{ id: "w", what: expression, ranges: [{ start: address, end: address + size }] }]);
    launched.forgetStops();
  }

  async set(pointer: string, bytes: number, more: Partial<WatchRequest> = {}): Promise<number> {
    const { session, launched } = this.watched;
    const { address } = await session.locate(`*${pointer}`);
    await session.watching.set([
      { id: "w", what: pointer, ranges: [{ start: address, end: address + bytes }], ...more },
    ]);
    launched.forgetStops();
    assert.deepEqual(session.watching.state("w")?.state, "watched", session.watching.state("w")?.notes.join(" "));
    return address;
  }

  /** Lets it go, and waits for where it stays. */
  async go(command: "next" | "continue" = "continue"): Promise<Happening> {
    const { watched } = this;
    let now = await watched.request(command);
    for (;;) {
      await watched.session.watching.quiet();
      if (now.kind === "ended" || watched.session.status.program !== "running") return now;
      now = await watched.launched.next();
    }
  }

  async toEnd(): Promise<void> {
    for (let i = 0; i < 200; i += 1) if ((await this.go()).kind === "ended") return;
    assert.fail("it never ends");
  }

  get last(): Hit {
    const hit = this.hits.at(-1);
    assert.ok(hit, "there was no hit");
    return hit;
  }
}

for (const name of EVERY_ADAPTER) {
  describe(`Stop at Write, with ${name},`, () => {
    let folder: string;
    let output: string;
    let watch: Watch;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "writewatch-stop-"));
    });
    beforeEach(() => {
      output = join(folder, "output");
    });
    afterEach(async () => {
      await watch.watched.close();
      rmSync(output, { force: true });
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    /** What the program printed, all of it: it has ended. */
    const said = async (): Promise<string> => {
      await watch.watched.close();
      return readFileSync(output, "utf8").trim();
    };

    it("lets the debugger write to what is watched while the program stands there, and watches on", async () => {
      watch = await Watch.begin(name, EDITED, "stop-edited", output);
      const { session, launched } = watch.watched;
      await watch.watched.request("next");
      await watch.set("numbers", 4096);
      await watch.go();
      assert.equal(watch.last.place?.line, lineOf(EDITED, "first"));
      const threadId = session.thread ?? 1;
      const set = async (what: string): Promise<void> => {
        const frame = await topFrame(launched.client, threadId);
        await launched.client.request("evaluate", { ...assignment(name, what), frameId: frame?.id });
      };
      await set("numbers[1] = 77");
      await watch.go();
      assert.equal(watch.last.place?.line, lineOf(EDITED, "second"));
      await set("numbers[0] = 100");
      await watch.toEnd();
      assert.equal(watch.hits.length, 2);
      // What it adds to was loaded before the store.
      assert.equal(await said(), "6 77 2");
    });

    it("tells each store into a local beside which every call stores, and the program is none the worse", async () => {
      watch = await Watch.begin(name, EDITED, "stop-edited", output);
      await watch.setObject("local");
      await watch.toEnd();
      // When main has returned, its part of the stack is others'.
      const own = watch.hits.filter(({ place }) => place?.source?.endsWith(".c") && place.function === "main");
      assert.deepEqual(
        own.map(({ place, by }) => [place?.line, by]),
        [[lineOf(EDITED, "local"), "store"]],
      );
      assert.equal(await said(), "6 0 2");
    });

    it("stops a stray store among 10,000 calls into 1 GiB at its line, before it is done", async () => {
      watch = await Watch.begin(name, STRAY, "stop-stray", output);
      const table = await watch.set("table", 2 ** 30);
      const stop = await watch.go();
      assert.equal(stop.kind, "stopped");
      assert.equal(stop.kind === "stopped" && stop.reason, "data breakpoint");
      const { last, watched } = watch;
      assert.equal(last.place?.line, lineOf(STRAY, "stray"));
      assert.deepEqual(
        last.stack.slice(0, 2).map(frame => frame.function),
        ["stray", "main"],
      );
      assert.deepEqual([last.by, last.isBefore, last.stopped], ["store", true, true]);
      assert.equal(last.address, table + 123456789);
      assert.equal(last.before[last.address - last.beforeAt], 0);
      assert.equal(last.words, "Stopped before a write to table (byte 123456789).");
      assert.equal(watched.session.watching.hit, last);
      await watch.go();
      assert.equal(watch.last.place?.line, lineOf(STRAY, "second"));
      assert.equal(watched.session.watching.hit, watch.last);
      assert.equal((await watch.go()).kind, "ended");
      assert.equal(watch.hits.length, 2);
      assert.equal(await said(), "42 9 49995000");
    });

    it("goes over the storing line by one step, and books the store to that step", async () => {
      watch = await Watch.begin(name, STRAY, "stop-stray", output);
      const table = await watch.set("table", 2 ** 30);
      await watch.go();
      const { session } = watch.watched;
      await session.quiet();
      assert.equal(session.location?.line, lineOf(STRAY, "stray"));
      assert.equal(session.recording.steps.last?.reason, "data breakpoint");
      await watch.go("next");
      await session.quiet();
      assert.equal(session.location?.line, lineOf(STRAY, "stray") + 1);
      assert.equal(session.watching.hit, undefined);
      assert.equal(session.recording.steps.last?.written.has(Math.floor((table + 123456789) / 4096)), true);
      assert.equal(watch.hits.length, 1);
      await watch.toEnd();
      assert.equal(await said(), "42 9 49995000");
    });

    it("names the thread of each store, and none is missed or told twice", async () => {
      watch = await Watch.begin(name, THREADS, "stop-threads", output);
      const table = await watch.set("table", 65536);
      await watch.toEnd();
      const told = watch.hits.map(({ address }) => (address - table) / 8);
      assert.deepEqual(
        told.sort((a, b) => a - b),
        [0, 1, 2, 3].flatMap(thread => [0, 1, 2].map(i => thread * 1024 + i)),
      );
      const threads = new Map<number, Set<number>>();
      for (const { address, thread, place } of watch.hits) {
        assert.equal(place?.line, lineOf(THREADS, "store"));
        const which = Math.floor((address - table) / 8192);
        threads.set(which, (threads.get(which) ?? new Set()).add(thread.id));
      }
      assert.deepEqual(
        [...threads.values()].map(({ size }) => size),
        [1, 1, 1, 1],
      );
      assert.equal(new Set([...threads.values()].flatMap(ids => [...ids])).size, 4);
      assert.equal(await said(), "0 1 2 10 11 12 20 21 22 30 31 32");
    });

    it("tells of a system call that wrote, after the fact; a fork and its exec run on unwatched", async () => {
      watch = await Watch.begin(name, CALLS, "stop-calls", output);
      const buffer = await watch.set("buffer", 8192);
      await watch.go();
      const { last } = watch;
      assert.deepEqual([last.by, last.isBefore, last.address], ["system call", false, buffer + 100]);
      assert.match(last.systemCall?.words ?? "", /^read\(\d+, 0x[0-9a-f]+, 5\)$/);
      assert.ok(
        last.stack.some(frame => frame.function === "main"),
        JSON.stringify(last.stack),
      );
      await watch.go();
      assert.equal(watch.last.place?.line, lineOf(CALLS, "parent"));
      await watch.toEnd();
      assert.equal(watch.hits.length, 2);
      assert.equal(await said(), "0 5 hello .p");
    });

    for (const [text, lines] of [
      ["", ["quiet", "loud", "quiet", "loud", "loud", "quiet", "loud"]],
      ["changes", ["quiet", "loud", "loud"]],
      ["becomes 7", ["loud", "quiet"]],
      ["from hit 6", ["quiet", "loud"]],
      ["not from quiet", ["loud", "loud", "loud", "loud"]],
      ["becomes 7 and not from quiet", ["loud"]],
    ] as const) {
      it(`stops where the condition '${text}' holds, and nowhere else`, async () => {
        watch = await Watch.begin(name, CONDITIONS, "stop-conditions", output);
        const condition = parseCondition(text);
        await watch.set("numbers", 4096, condition ? { condition } : {});
        await watch.toEnd();
        assert.deepEqual(
          watch.hits.map(({ place }) => place?.line),
          lines.map(mark => lineOf(CONDITIONS, mark)),
        );
        assert.ok(watch.hits.every(({ stopped }) => stopped));
        assert.equal(watch.watched.session.watching.state("w")?.hits, 7);
        assert.equal(await said(), "8");
      });
    }

    it("tells of each store and goes on, where it is to log", async () => {
      watch = await Watch.begin(name, CONDITIONS, "stop-conditions", output);
      await watch.set("numbers", 4096, { log: true });
      assert.equal((await watch.go()).kind, "ended");
      assert.deepEqual(
        watch.hits.map(({ stopped, place }) => [stopped, place?.function]),
        [
          [false, "quiet"],
          [false, "loud"],
          [false, "quiet"],
          [false, "loud"],
          [false, "loud"],
          [false, "quiet"],
          [false, "loud"],
        ],
      );
      assert.equal(await said(), "8");
    });

    it("lets the program run on where it is disarmed at a hit", async () => {
      watch = await Watch.begin(name, THREADS, "stop-threads", output);
      await watch.set("table", 65536);
      await watch.go();
      await watch.watched.session.disarm();
      assert.equal((await watch.go()).kind, "ended");
      assert.equal(await said(), "0 1 2 10 11 12 20 21 22 30 31 32");
      assert.equal(watch.hits.length, 1);
    });
  });
}

// Stop at Write on the live kernel, through the agent's process: what is told of a store, what is let through, and what is not watched.
import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { AgentKeeper } from "../../src/agent/keeper.ts";
import type { WatchHandle } from "../../src/agent/watches.ts";
import { SystemCall } from "../../src/kernel/abi.ts";
import { linuxKernel } from "../../src/kernel/linux/linux-kernel.ts";
import { addressOf, PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import type { WatchHit, WatchHurry, WatchMiss } from "../../src/tracker/watches/reports.ts";
import { Stepper } from "./stepper.ts";
import type { Target } from "./target.ts";
import { TrackedTarget } from "./tracked.ts";

const PAGE = PAGE_SIZE;

/** What was told, in order, and a way to wait for it. */
class Told<T> {
  readonly all: T[] = [];
  private wake = (): void => {};

  add(one: T): void {
    this.all.push(one);
    this.wake();
  }

  /** The one of that number, counted from 0, when it is there. */
  async at(index: number): Promise<T> {
    while (this.all.length <= index) {
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
    return this.all[index];
  }
}

describe("Watched memory on the live kernel", () => {
  let tracked: TrackedTarget<AgentKeeper, Target>;
  let target: Target;
  let watches: WatchHandle;
  let hits: Told<WatchHit>;
  let misses: Told<WatchMiss>;
  /** 16 pages, all of them written once. */
  let memory: number;

  const attach = async (): Promise<void> => {
    const descriptor = await target.do("userfaultfd", 1);
    await watches.attach(target.pid, descriptor);
    await target.do("close", descriptor);
    await tracked.step();
  };

  beforeEach(async () => {
    tracked = TrackedTarget.start();
    ({ target } = tracked);
    ({ watches } = tracked.tracker);
    memory = await target.map(16 * PAGE);
    await target.do("write", memory, 16 * PAGE, PAGE);
    await tracked.arm();
    hits = new Told();
    misses = new Told();
    watches.onHit(hit => hits.add(hit));
    watches.onMiss(miss => misses.add(miss));
  });

  afterEach(() => tracked.close());

  const bytesAt = (address: number, length: number): number[] => {
    const bytes = new Uint8Array(PAGE);
    linuxKernel.readPages(target.pid, Float64Array.of(pageOf(address), pageOf(address) + 1), bytes);
    return [...bytes.subarray(address % PAGE, (address % PAGE) + length)];
  };

  it("makes a store wait, and tells its place, its thread and the bytes that are about to change", async () => {
    await attach();
    const report = await watches.set([{ start: memory + 2 * PAGE, end: memory + 4 * PAGE }]);
    assert.deepEqual(
      { ...report, microseconds: 0 },
      {
        parts: [{ start: memory + 2 * PAGE, end: memory + 4 * PAGE, range: 0, way: "stop" }],
        warnings: [],
        ...{ pages: 2, edgePages: 0, exact: false, microseconds: 0 },
      },
    );
    const done = target.do("write", memory + 3 * PAGE, 1, 1);
    const hit = await hits.at(0);
    assert.deepEqual(
      { address: hit.address, threadId: hit.threadId, by: hit.by, waits: hit.waits, start: hit.start },
      { address: memory + 3 * PAGE, threadId: target.pid, by: "store", waits: true, start: memory + 3 * PAGE },
    );
    assert.deepEqual([...hit.before.subarray(0, 2)], [1, 0]);
    assert.deepEqual(bytesAt(memory + 3 * PAGE, 1), [1], "not done yet");
    await watches.pass(hit.id);
    assert.equal(await done, 0);
    assert.deepEqual(bytesAt(memory + 3 * PAGE, 1), [2]);
    assert.equal(hits.all.length, 1);
  });

  it("goes on telling which watched pages a step wrote: before they are watched, meanwhile, and after", async () => {
    await attach();
    hits.add = hit => void watches.pass(hit.id);
    await target.do("write", memory + 2 * PAGE, 1, 1);
    await watches.set([{ start: memory + 2 * PAGE, end: memory + 6 * PAGE }]);
    await target.do("write", memory + 7 * PAGE, 1, 1);
    assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [2, 7]);
    await target.do("write", memory + 3 * PAGE, 2 * PAGE, PAGE);
    // A page may stay open a moment longer than its store takes: a scan in that moment tells it, and the next one does again.
    await setTimeout(50);
    assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [3, 4]);
    await target.do("write", memory + 5 * PAGE, 1, 1);
    await watches.set([{ start: memory + 5 * PAGE, end: memory + 6 * PAGE }]);
    await target.do("write", memory + 2 * PAGE, 1, 1);
    assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [2, 5]);
    await watches.close();
    assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), []);
    await target.do("write", memory + 5 * PAGE, 1, 1);
    assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [5]);
  });

  it("takes watching for no change of the program's memory", async () => {
    await attach();
    await watches.set([{ start: memory + 2 * PAGE, end: memory + 6 * PAGE }]);
    const { settlement } = await tracked.step();
    assert.deepEqual([settlement.created, settlement.removed], [[], []]);
    await watches.close();
    const after = (await tracked.step()).settlement;
    assert.deepEqual([after.created, after.removed], [[], []]);
  });

  it("takes a watched part of the stack for no other mapping", async () => {
    await attach();
    const stack = linuxKernel.mappings(target.pid).find(({ name }) => name === "[stack]");
    assert.ok(stack);
    const start = addressOf(stack.end - 3);
    hits.add = hit => void watches.pass(hit.id);
    for (let round = 0; round < 2; round += 1) {
      const { warnings } = await watches.set([{ start, end: start + 8 }]);
      assert.match(warnings[0].reason, /on the stack/);
      const { settlement } = await tracked.step();
      assert.deepEqual([settlement.created, settlement.removed], [[], []]);
    }
    await watches.set([]);
    const { settlement } = await tracked.step();
    assert.deepEqual([settlement.created, settlement.removed], [[], []]);
  });

  it("lets a store beside the range through without a word", async () => {
    await attach();
    const start = memory + 3 * PAGE + 100;
    const { edgePages } = await watches.set([{ start, end: start + 8 }]);
    assert.equal(edgePages, 1);
    await target.do("store", start - 8, 1);
    await target.do("store", start + 8, 1);
    assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [3]);
    assert.deepEqual(hits.all, []);
  });

  it("makes a store wait that begins beside the range and reaches into it", async () => {
    await attach();
    const start = memory + 3 * PAGE + 100;
    await watches.set([{ start, end: start + 8 }]);
    const done = target.do("store", start - 4, 0x1122_3344_5566);
    const hit = await hits.at(0);
    assert.deepEqual([hit.address, hit.threadId, hit.waits, hit.by], [start, target.pid, true, "store"]);
    assert.deepEqual(bytesAt(start, 2), [0, 0], "not done yet");
    await watches.pass(hit.id);
    await done;
    assert.deepEqual(bytesAt(start, 2), [0x22, 0x11]);
    assert.equal(hits.all.length, 1);
  });

  it("tells what a thread stores right behind the store that is let through, at the latest as a change", async () => {
    await attach();
    await watches.set([{ start: memory + 2 * PAGE, end: memory + 3 * PAGE }]);
    hits.add = hit => {
      hits.all.push(hit);
      void watches.pass(hit.id);
    };
    // One byte, and 16 bytes behind it the next, until the page's end.
    await target.do("write", memory + 2 * PAGE, PAGE, 16);
    await tracked.step();
    const told = new Set(
      hits.all.flatMap(({ address, changed = [] }) => [address, ...changed.map(({ start }) => start)]),
    );
    for (let at = 0; at < PAGE; at += 16) assert.ok(told.has(memory + 2 * PAGE + at), `at ${at}`);
  });

  it("leaves a store beside the range to whoever steps over misses", async () => {
    await attach();
    const start = memory + 3 * PAGE + 100;
    await watches.set([{ start, end: start + 8 }], { misses: "step" });
    const done = target.do("store", start + 8, 1);
    const miss = await misses.at(0);
    assert.deepEqual([miss.address, miss.threadId], [start + 8, target.pid]);
    await watches.open(miss.id);
    await done;
    assert.equal(await watches.shut(miss.id), undefined);
    assert.deepEqual(hits.all, []);
    assert.equal((await watches.look()).exact, true);
  });

  it("lets misses through at once when steps over them have taken their share of time, and says so", async () => {
    await attach();
    const start = memory + 3 * PAGE + 100;
    const hurries: WatchHurry[] = [];
    watches.onHurry(hurry => hurries.push(hurry));
    await watches.set([{ start, end: start + 8 }], { misses: "auto" });
    for (let i = 0; i < 500; i += 1) {
      const done = target.do("store", start + 8, i);
      const { id } = await misses.at(i);
      // The last of those that are stepped over whatever it takes is a slow one.
      if (i === 499) await setTimeout(6000);
      await watches.open(id);
      await done;
      await watches.shut(id);
    }
    await target.do("store", start + 8, 500);
    assert.equal(misses.all.length, 500);
    assert.deepEqual(hurries, [{ range: 0, count: 1 }]);
    assert.equal((await watches.look()).exact, false);
    const hit = target.do("store", start, 2);
    await watches.pass((await hits.at(0)).id);
    await hit;
  });

  it("tells a store that crosses from one watched page to the next once", async () => {
    await attach();
    await watches.set([{ start: memory + 2 * PAGE, end: memory + 4 * PAGE }]);
    const done = target.do("store", memory + 3 * PAGE - 4, 0x0102_0304_0506);
    await watches.pass((await hits.at(0)).id);
    await done;
    assert.equal(hits.all.length, 1);
    assert.deepEqual(bytesAt(memory + 3 * PAGE, 2), [2, 1]);
    assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [2, 3]);
  });

  it("tells a system call that stores, after the fact, and the call completes", async () => {
    await attach();
    const [start, length] = [memory + 2 * PAGE, 3 * PAGE];
    await watches.set([{ start, end: start + length }]);
    assert.equal(await target.do("readinto", start, length), length);
    const hit = await hits.at(0);
    assert.deepEqual([hit.by, hit.waits, hit.address], ["system call", false, start]);
    assert.equal(hit.systemCall?.number, SystemCall.read);
    assert.deepEqual(hit.systemCall?.args.slice(1, 3), [start, length]);
    assert.equal(hits.all.length, 1, "once for all its pages");
    assert.deepEqual(bytesAt(start, 4), [...Buffer.from("\x7fELF")]);
    assert.equal(await target.do("readinto", start, length), length);
    assert.equal((await hits.at(1)).by, "system call");
  });

  it("tells a system call whose buffer begins before the range", async () => {
    await attach();
    const start = memory + 3 * PAGE + 1000;
    await watches.set([{ start, end: start + 16 }]);
    assert.equal(await target.do("readinto", start - 200, 300), 300);
    const hit = await hits.at(0);
    assert.deepEqual([hit.by, hit.waits, hit.threadId], ["system call", false, target.pid]);
    assert.ok(hit.address >= start && hit.address < start + 16);
  });

  it("tells a system call whose buffer begins on another page than the range", async () => {
    await attach();
    const start = memory + 3 * PAGE;
    await watches.set([
      { start: start - 8, end: start },
      { start, end: start + 2 * PAGE },
    ]);
    await target.do("readinto", start - 200, 100);
    assert.deepEqual(hits.all, []);
    assert.equal(await target.do("readinto", start - 12, 1000), 1000);
    await tracked.step();
    assert.ok(hits.all.some(({ range }) => range === 0) && hits.all.some(({ range }) => range === 1));
    assert.ok(hits.all.every(({ by }) => by === "system call"));
  });

  it("never makes another process wait that stores to watched memory", async () => {
    await attach();
    await watches.set([{ start: memory + 2 * PAGE, end: memory + 4 * PAGE }]);
    assert.equal(await target.do("poke", memory + 2 * PAGE, 7), 0);
    const hit = await hits.at(0);
    assert.deepEqual([hit.by, hit.waits], ["another process", false]);
    assert.deepEqual(bytesAt(memory + 2 * PAGE, 1), [7]);
  });

  it("lets a debugger write while it is suspended, and a store that waited is the same one afterwards", async () => {
    await attach();
    await watches.set([{ start: memory + 2 * PAGE, end: memory + 4 * PAGE }]);
    const done = target.do("write", memory + 2 * PAGE, 1, 1);
    const { id } = await hits.at(0);
    const stepper = await Stepper.attach(target.pid);
    try {
      await stepper.stop();
      const write = (value: number): void => {
        const file = openSync(`/proc/${target.pid}/mem`, "r+");
        try {
          writeSync(file, Uint8Array.of(value), 0, 1, memory + 3 * PAGE);
        } finally {
          closeSync(file);
        }
      };
      assert.throws(() => write(8), { code: "EIO" });
      await watches.suspend();
      write(9);
      await watches.resume();
      assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [3]);
      await watches.pass(id);
      await stepper.go();
      assert.equal(await done, 0);
      assert.equal(hits.all.length, 1);
    } finally {
      stepper.end();
    }
    assert.deepEqual([bytesAt(memory + 2 * PAGE, 1), bytesAt(memory + 3 * PAGE, 1)], [[2], [9]]);
  });

  it("tells a store once more, by the same number, when its thread was interrupted and comes again", async () => {
    await attach();
    await watches.set([{ start: memory + 2 * PAGE, end: memory + 4 * PAGE }]);
    await target.do("alarm", 30_000);
    const done = target.do("write", memory + 2 * PAGE, 1, 1);
    const [first, second] = [await hits.at(0), await hits.at(1)];
    assert.equal(first.id, second.id);
    await watches.pass(first.id);
    await done;
    assert.deepEqual(bytesAt(memory + 2 * PAGE, 1), [2]);
    assert.equal(await target.do("alarms"), 1);
  });

  it("lets go who waits in memory that is watched no more", async () => {
    await attach();
    for (const end of [() => watches.set([]), () => watches.suspend(), () => watches.close()]) {
      await watches.set([{ start: memory + 2 * PAGE, end: memory + 4 * PAGE }]);
      const told = hits.all.length;
      const done = target.do("write", memory + 2 * PAGE, 1, 1);
      await hits.at(told);
      await end();
      assert.equal(await done, 0);
      assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [2]);
    }
  });

  it("has the contents of watched pages told, byte by byte", async () => {
    const second = tracked.another();
    const { target: other, tracker } = second;
    try {
      const place = await other.map(4 * PAGE);
      await other.do("write", place, 4 * PAGE, PAGE);
      await second.arm({ ...DEFAULT_ARM_OPTIONS, contentsPages: 100_000 });
      while (await tracker.contents?.copyAhead(true));
      await tracker.watches.attach(other.pid, await other.do("userfaultfd", 1));
      await tracker.watches.set([{ start: place + PAGE, end: place + 2 * PAGE }]);
      tracker.watches.onHit(({ id }) => void tracker.watches.pass(id));
      await second.step();
      await tracker.contents?.capture();
      await other.do("store", place + PAGE + 8, 0x55);
      await second.step();
      const captured = await tracker.contents?.capture();
      const runs = captured?.changes.find(pageOf(place) + 1)?.runs() ?? [];
      assert.deepEqual(
        runs.map(({ offset, before, after }) => [offset, [...(before ?? [])], [...(after ?? [])]]),
        [[8, [0], [0x55]]],
      );
    } finally {
      second.close();
    }
  });

  it("lets a forked child store to its own memory, and goes on watching the parent's", async () => {
    await attach();
    await watches.set([{ start: memory + 2 * PAGE, end: memory + 4 * PAGE }]);
    assert.equal(await target.do("fork", memory + 2 * PAGE, 2 * PAGE, PAGE), 0);
    assert.deepEqual(hits.all, []);
    const done = target.do("write", memory + 2 * PAGE, 1, 1);
    await watches.pass((await hits.at(0)).id);
    await done;
    assert.deepEqual(bytesAt(memory + 2 * PAGE, 1), [2]);
  });

  it("is over when the program replaces itself, which runs on", async () => {
    await attach();
    await watches.set([{ start: memory + 2 * PAGE, end: memory + 4 * PAGE }]);
    // The first answer is the new program's; what is written before that is there, the old one may have read.
    const anew = target.do("exec");
    const scans = async (): Promise<never> => {
      for (;;) await tracked.tracker.scan();
    };
    await assert.rejects(scans(), { code: "ESRCH" });
    target.process.stdin?.write("alarms\n");
    assert.equal(await anew, 0);
  });

  it("forgets what the program unmapped, and what it maps there anew is told as written", async () => {
    await attach();
    await watches.set([{ start: memory + 2 * PAGE, end: memory + 6 * PAGE }]);
    await target.do("unmap", memory + 2 * PAGE, 2 * PAGE);
    assert.equal(await target.map(2 * PAGE, memory + 2 * PAGE), memory + 2 * PAGE);
    await target.do("write", memory + 2 * PAGE, PAGE, PAGE);
    assert.deepEqual(hits.all, []);
    assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [2]);
    const { parts, warnings, pages } = await watches.look();
    assert.equal(pages, 2);
    assert.deepEqual(
      parts.map(({ start, end }) => [start, end]),
      [[memory + 4 * PAGE, memory + 6 * PAGE]],
    );
    assert.match(warnings[0].reason, /since/);
    await target.do("write", memory + 3 * PAGE, 1, 1);
    assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [3]);
  });

  it("watches pages again that the program gave back meanwhile", async () => {
    await attach();
    await watches.set([{ start: memory + 2 * PAGE, end: memory + 6 * PAGE }]);
    await target.do("discard", memory + 3 * PAGE, PAGE);
    await tracked.step();
    const done = target.do("write", memory + 3 * PAGE, 1, 1);
    await watches.pass((await hits.at(0)).id);
    await done;
  });

  it("looks at initialized globals while the program runs, and says so", async () => {
    await attach();
    const global = await target.do("global");
    const { parts, exact } = await watches.set([{ start: global, end: global + 8 }]);
    assert.equal(parts[0].way, "poll");
    assert.match(parts[0].why ?? "", /initialized globals/);
    assert.equal(exact, false);
    await target.do("store", global + 8, 77);
    await target.do("store", global, 0x55);
    const hit = await hits.at(0);
    assert.deepEqual([hit.by, hit.waits, hit.address], ["unknown", false, global]);
    assert.deepEqual([hit.before[0], hit.after?.[0]], [1, 0x55]);
    const pages = await tracked.writtenIn(addressOf(pageOf(global)), PAGE);
    assert.deepEqual(pages, [0], "the step tells it all the same");
  });

  it("looks at everything where the program may open no full userfaultfd, and says what to do", async () => {
    await watches.attach(target.pid);
    const { parts } = await watches.set([{ start: memory + 2 * PAGE, end: memory + 4 * PAGE }]);
    assert.match(parts[0].why ?? "", /vm.unprivileged_userfaultfd=1/);
    assert.equal(await target.do("write", memory + 3 * PAGE, 1, 1), 0);
    assert.equal((await hits.at(0)).address, memory + 3 * PAGE);
  });

  it("says what it can't watch, and why", async () => {
    await attach();
    const maps = linuxKernel.mappings(target.pid);
    const named = (name: string) => {
      const { start, end } = maps.find(mapping => mapping.name === name) ?? { start: 0, end: 1 };
      return { start: addressOf(start), end: addressOf(end) };
    };
    const stack = named("[stack]");
    const { warnings, pages } = await watches.set(
      [
        { start: memory + 16 * PAGE - 8, end: memory + 16 * PAGE },
        { start: 0x10000, end: 0x10010 },
        named("[vdso]"),
        { start: stack.end - PAGE, end: stack.end - PAGE + 8 },
        { start: memory, end: memory + 2 ** 30 },
      ],
      { mostPages: 1000 },
    );
    assert.deepEqual(
      warnings.map(({ range, refused }) => [range, refused]),
      [
        [1, true],
        [2, true],
        [3, false],
        [4, true],
      ],
    );
    assert.match(warnings[0].reason, /nothing is mapped/);
    assert.match(warnings[2].reason, /stack/);
    assert.match(warnings[3].reason, /more than the/);
    assert.equal(pages, 2);
    await assert.rejects(watches.set([{ start: 5, end: 5 }]), /no range of addresses/);
  });

  it("leaves a thread to run on, and the memory unwatched, when the agent is killed while it waits: 50 times", async function () {
    this.timeout(180_000);
    for (let i = 0; i < 50; i += 1) {
      const again = tracked.agent.tracker();
      const tracking = await target.do("userfaultfd");
      const watching = await target.do("userfaultfd", 1);
      if (i === 0) await tracked.tracker.disarm();
      await again.attach(target.pid, tracking, { watch: ["anonymous"], sparsePages: 2 ** 18 });
      await again.arm();
      await again.watches.attach(target.pid, watching);
      await target.do("close", tracking);
      await target.do("close", watching);
      await again.watches.set([{ start: memory, end: memory + 16 * PAGE }]);
      const waiting = new Promise<WatchHit>(resolve => again.watches.onHit(resolve));
      const done = target.do("write", memory + i, 1, 1);
      await waiting;
      process.kill(again.pid ?? 0, "SIGKILL");
      assert.equal(await done, 0);
      await again.gone;
    }
    assert.deepEqual(bytesAt(memory, 50), [2, ...new Array<number>(49).fill(1)]);
    const flags = readFileSync(`/proc/${target.pid}/smaps`, "latin1").match(/^VmFlags:.*\buw\b/gm);
    assert.equal(flags, null);
  });
});

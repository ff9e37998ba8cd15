// A million stores by four threads at random: each into a watched page is told, in order, and the memory is in the end as without us.
import assert from "node:assert/strict";
import { LocalAgent } from "../../src/agent/local.ts";
import type { TrackerHandle } from "../../src/agent/tracking.ts";
import { linuxKernel } from "../../src/kernel/linux/linux-kernel.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import type { ByteRange, WatchHit } from "../../src/tracker/watches/reports.ts";
import { Stepper } from "./stepper.ts";
import { Stores } from "./stores.ts";

const OPTIONS = { threads: 4, stores: 250_000, pages: 4096 };
const LINE = 64;

describe("A million stores by four threads, with some pages watched", () => {
  let stores: Stores;
  let tracker: TrackerHandle;
  let watched: ByteRange;

  beforeEach(async () => {
    stores = await Stores.start(OPTIONS);
    tracker = new LocalAgent(() => linuxKernel).tracker();
    await tracker.attach(stores.pid, stores.descriptors.tracking, DEFAULT_ARM_OPTIONS);
    await tracker.arm();
    await tracker.watches.attach(stores.pid, stores.descriptors.watching);
    const start = stores.address + 1024 * PAGE_SIZE;
    watched = { start, end: start + 64 * PAGE_SIZE };
  });

  afterEach(async () => {
    stores.kill();
    await tracker.disarm();
  });

  const expectedOf = (thread: number): number[] =>
    [...stores.addressesOf(thread)].filter(address => address >= watched.start && address < watched.end);

  const memoryIsAsWithoutUs = (): void => {
    const bytes = new Uint8Array(OPTIONS.pages * PAGE_SIZE);
    assert.equal(linuxKernel.readPages(stores.pid, stores.pages, bytes), bytes.length);
    assert.equal(Buffer.compare(bytes, stores.expectedMemory()), 0);
  };

  it("tells each of them exactly once, in order for each thread, where a debugger steps the thread while the others stand", async () => {
    await tracker.watches.set([watched], { misses: "step" });
    const stepper = await Stepper.attach(stores.pid);
    try {
      const told = new Map<number, WatchHit>();
      const order: WatchHit[] = [];
      let wake = (): void => {};
      tracker.watches.onHit(hit => {
        told.set(hit.id, hit);
        wake();
      });
      let isDone = false;
      const done = stores.run().then(result => {
        isDone = true;
        wake();
        return result;
      });
      while (!isDone) {
        if (told.size === 0) {
          await new Promise<void>(resolve => {
            wake = resolve;
          });
          continue;
        }
        await stepper.stop();
        for (const [id, hit] of told) {
          await tracker.watches.open(id);
          await stepper.step(hit.threadId);
          await tracker.watches.shut(id);
          told.delete(id);
          order.push(hit);
        }
        await stepper.go();
      }
      assert.ok(await done);
      for (const [thread, threadId] of stores.threads.entries()) {
        const own = order.filter(hit => hit.threadId === threadId);
        assert.deepEqual(
          own.map(({ address }) => address),
          expectedOf(thread),
        );
      }
      assert.ok(order.every(({ by, waits }) => by === "store" && waits));
      memoryIsAsWithoutUs();
    } finally {
      stepper.end();
    }
  });

  it("tells nearly all of them where nobody steps: most before they are done, the others as changes while a page was open", async () => {
    await tracker.watches.set([watched]);
    const hits: WatchHit[] = [];
    tracker.watches.onHit(hit => {
      hits.push(hit);
      void tracker.watches.pass(hit.id);
    });
    assert.ok(await stores.run());
    const slips = new Map<number, number>();
    for (const { start } of hits.filter(({ by }) => by === "unknown").flatMap(({ changed = [] }) => changed)) {
      const line = start - (start % LINE);
      slips.set(line, (slips.get(line) ?? 0) + 1);
    }
    for (const [thread, threadId] of stores.threads.entries()) {
      const own = hits.filter(hit => hit.threadId === threadId).map(({ address }) => address);
      let next = 0;
      let twice = 0;
      const silent: number[] = [];
      // A thread that waited long for a processor comes again to a page that is shut: the same store is told once more.
      const isToldAgain = (): boolean => next > 0 && own[next] === own[next - 1];
      for (const address of expectedOf(thread)) {
        while (isToldAgain() && own[next] !== address) {
          next += 1;
          twice += 1;
        }
        if (own[next] === address) next += 1;
        // What the thread stores once more to the same place, while that is open, can't be told from the store that was told.
        else if (!slips.has(address) && address !== own[next - 1]) silent.push(address);
      }
      while (isToldAgain()) next += 1;
      assert.equal(next, own.length, "told in order, and none that was not made");
      assert.ok(twice <= own.length / 100, `${twice} of ${own.length} told twice`);
      // On a busy machine a page stays open long enough for what can't be told apart; the report says that this way is not exact.
      assert.ok(silent.length <= own.length / 500, `${silent.length} of ${own.length} stores were told by nobody`);
    }
    memoryIsAsWithoutUs();
  });
});

// A live process without a debugger: what each slice of its time wrote is told, and it notices nothing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Step } from "../../src/recording/step.ts";
import { Attached } from "./attached.ts";
import { Ring } from "./ring.ts";

const PAGES = 2048;

describe("A process that is watched without a debugger", () => {
  let ring: Ring;
  let attached: Attached | undefined;

  afterEach(async () => {
    await attached?.end();
    attached = undefined;
    ring.end();
  });

  /** Pages of the ring that a step tells, by their numbers in it. */
  const told = (step: Step): Set<number> => {
    const found = new Set<number>();
    for (const [start, end] of step.written.pairs()) {
      for (let page = start; page < end; page += 1) {
        if (page >= ring.start && page < ring.start + PAGES) found.add(page - ring.start);
      }
    }
    return found;
  };

  const assertExact = (step: Step, from: number, to: number): void => {
    const pages = told(step);
    // It may stand between counting a turn and writing its page, at both ends.
    const surely = ring.between(from, to - 1);
    const perhaps = ring.between(from - 1, to);
    for (const page of surely) assert.ok(pages.has(page), `page ${page} of turns ${from}-${to} is not told`);
    for (const page of pages)
      assert.ok(perhaps.has(page), `page ${page} is told, which turns ${from}-${to} do not write`);
  };

  for (const [pause, slice] of [
    [200, 20],
    [0, 1],
  ] as const) {
    it(`tells for each slice the very pages that it wrote, with ${pause} µs between two stores`, async () => {
      ring = await Ring.run(PAGES, pause);
      attached = await Attached.to(ring.pid, slice);
      await attached.session.arm();
      let before = ring.turn();
      for (let i = 0; i < 12; i += 1) {
        const step: Step = await attached.step(i % 4 === 3 ? "continue" : "next");
        const now = ring.turn();
        assertExact(step, before, now);
        assert.deepEqual(step.doubts, []);
        before = now;
      }
      await attached.end();
      const turn = ring.turn();
      while (ring.turn() === turn) assert.equal(ring.child.exitCode, null);
      assert.match(readFileSync(`/proc/${ring.pid}/status`, "latin1"), /^TracerPid:\t0$/m);
      assert.equal(ring.child.exitCode, null);
    });
  }

  it("ends its session when it ends", async () => {
    ring = await Ring.run(PAGES, 200);
    attached = await Attached.to(ring.pid, 5);
    const over = attached.client.nextEvent(({ event }) => event === "terminated");
    await attached.client.request("continue", { threadId: ring.pid });
    ring.end();
    await over;
    assert.equal(attached.session.status.program, "ended");
  });

  it("is refused to whoever comes second, with the name of the first", async () => {
    ring = await Ring.run(PAGES, 200);
    attached = await Attached.to(ring.pid, 5);
    await assert.rejects(Attached.to(ring.pid, 5), /traced already by process \d+.*detach that one/);
    assert.equal(attached.session.status.program, "stopped");
  });
});

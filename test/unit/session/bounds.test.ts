// What a session costs in work and in memory does not grow with what goes by, nor outlive it.
import assert from "node:assert/strict";
import { kept } from "../agent/collect.ts";
import { Model, settled } from "./model.ts";

describe("A session", () => {
  it("takes one scan, or two, for a thousand answers that may have written", async () => {
    const model = new Model();
    await model.arm();
    const before = model.scans;
    for (let i = 0; i < 1000; i += 1) model.send("setVariable", { variablesReference: i });
    // All answers come before the agent has a turn.
    while (model.lines.toAdapter.length > 0) model.lines.toAdapter.shift()?.();
    while (model.lines.fromAdapter.length > 0) model.lines.fromAdapter.shift()?.();
    await settled();
    await model.drain(() => 0);
    const scans = model.scans - before;
    assert.ok(scans > 0 && scans <= 2, `${scans} scans`);
  });

  it("is kept by nobody once it has ended, one of a thousand", async function () {
    this.timeout(60_000);
    const sessions: WeakRef<object>[] = [];
    for (let i = 0; i < 1000; i += 1) sessions.push(...(await livedThrough()));
    assert.equal(await kept(sessions), 0, `of ${sessions.length} objects`);
  });
});

/** A session that was armed, stepped and ended; what of it may be collected now. */
async function livedThrough(): Promise<WeakRef<object>[]> {
  const model = new Model();
  await model.arm();
  model.send("next", { threadId: 1 });
  await model.drain(() => 0);
  const step = model.session.recording.steps.last;
  assert.ok(step);
  model.session.ended();
  await model.drain(() => 0);
  return [model.session, model.session.recording, step].map(object => new WeakRef<object>(object));
}

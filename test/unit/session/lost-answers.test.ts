// An adapter or an agent that loses a message, says it twice, or dies: nothing hangs, nothing lies, and what was armed is let go.
import assert from "node:assert/strict";
import { mock } from "node:test";
import { PageSet } from "../../../src/memory/page-set.ts";
import { DEBUGGER_PAGES, type Habits, Model, settled } from "./model.ts";

/** Milliseconds that the session waits for an answer; they pass when nothing else is left to happen. */
const PATIENCE = 1000;
const STEPS = 3;

/** Arms, steps and edits, each as far as it gets, as a user would: whoever gets no answer presses the next key. */
async function conversation(model: Model): Promise<void> {
  await model.arm().catch(() => {});
  for (let i = 0; i < STEPS; i += 1) {
    model.send("setVariable");
    await model.drain(() => 0);
    model.send("next", { threadId: 1 });
    await model.drain(() => 0);
  }
  // What was not answered is given up by now.
  for (let i = 0; i < 3; i += 1) {
    mock.timers.tick(PATIENCE);
    await settled();
    await model.drain(() => 0);
  }
}

function modelThat(fault?: Habits["fault"]): Model {
  return new Model({ patience: PATIENCE, idle: () => mock.timers.tick(PATIENCE), ...(fault ? { fault } : {}) });
}

/** What the agent does not answer is given up like all else. */
async function disarmed(model: Model): Promise<void> {
  const released = model.session.disarm();
  await model.drain(() => 0);
  mock.timers.tick(PATIENCE);
  await released;
}

async function lengthOfConversation(): Promise<number> {
  const model = modelThat();
  await conversation(model);
  return model.delivered;
}

describe("A session that gets no answer", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  it("to any one message of its whole conversation ends each wait, tells no line another's pages, and lets go when asked", async function () {
    this.timeout(60_000);
    const length = await lengthOfConversation();
    assert.ok(length > 40, `only ${length} messages`);
    for (let lost = 0; lost < length; lost += 1) {
      const model = modelThat(index => (index === lost ? "lost" : undefined));
      await conversation(model);
      assertHonest(model, `message ${lost} lost`);
      await disarmed(model);
      assert.equal(model.session.isArmed, false, `message ${lost} lost`);
      assert.equal(
        model.session.status.waitingFor,
        undefined,
        `message ${lost} lost: ${model.session.status.waitingFor}`,
      );
    }
  });

  it("but one message twice tells what it tells without", async function () {
    this.timeout(60_000);
    const length = await lengthOfConversation();
    for (let doubled = 0; doubled < length; doubled += 1) {
      const model = modelThat(index => (index === doubled ? "twice" : undefined));
      await conversation(model);
      assertHonest(model, `message ${doubled} twice`);
      await disarmed(model);
    }
  });

  it("because its debugger has ended is over, at whatever message that was", async function () {
    this.timeout(60_000);
    const length = await lengthOfConversation();
    for (let last = 0; last < length; last += 1) {
      const model = modelThat(index => {
        if (index === last) {
          model.session.ended();
        }
        return index >= last ? "lost" : undefined;
      });
      await conversation(model);
      await settled();
      const { program, memory } = model.session.status;
      assert.deepEqual([program, memory, model.session.isArmed], ["ended", "unarmed", false], `ended at ${last}`);
      assertHonest(model, `ended at ${last}`);
    }
  });
});

/** Each step's own pages are those of the lines between its places; what it can't say it leaves open or doubts. */
function assertHonest(model: Model, when: string): void {
  let told = PageSet.EMPTY;
  for (const step of model.session.recording.steps) {
    const { from, to, written, doubts, stops } = step;
    const account = `${when}: step ${step.number}: ${from?.line} → ${to?.line}, ${stops} stops, ${[...written.pairs()]}, ${doubts}`;
    assert.ok(written.intersect(told).isEmpty, `told twice: ${account}`);
    told = told.union(written);
    const lines = written.clip(0, DEBUGGER_PAGES);
    if (from && to) assert.ok(lines.equals(PageSet.of(from.line, to.line)), `another line's pages: ${account}`);
    if (doubts.length === 0) assert.ok(written.equals(lines), `the debugger's pages: ${account}`);
  }
}

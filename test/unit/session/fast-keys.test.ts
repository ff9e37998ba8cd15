// However fast the keys and however slow the answers: no step is told with another step's pages or line, unless it says so.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PageSet } from "../../../src/memory/page-set.ts";
import type { Step } from "../../../src/recording/step.ts";
import { DEBUGGER_PAGES, type Habits, Model } from "./model.ts";

type Act = "next" | "stackTrace" | "setVariable" | "stepOut" | "wait";

/** What the window and its user do next, when they get a turn, and how long until then. */
const acts = fc.array(
  fc.record({
    act: fc.constantFrom<Act>("next", "next", "next", "stackTrace", "setVariable", "stepOut", "wait"),
    after: fc.nat({ max: 12 }),
  }),
  { minLength: 1, maxLength: 25 },
);
/** Of each adapter; enough to have found every fault that was ever here, in a second or so. */
const RUNS = 600;

const tape = fc.array(fc.nat({ max: 997 }), { minLength: 1, maxLength: 40 });

/** Runs the acts with messages in an order that the tape decides, and waits until nothing more happens. */
async function play(
  model: Model,
  todo: readonly { act: Act; after: number }[],
  tape: readonly number[],
): Promise<void> {
  let at = 0;
  const choose = (count: number): number => {
    at += 1;
    return tape[at % tape.length] % count;
  };
  for (const { act, after } of todo) {
    for (let i = 0; i < after && model.isBusy; i += 1) await model.deliver(choose);
    const args = { threadId: 1, startFrame: 0 };
    if (act === "next" || act === "stepOut") {
      // A window lets no one step a program that it believes to run.
      if (!model.windowStopped) continue;
      model.windowStopped = act === "stepOut";
      model.send(act, args);
    } else if (act !== "wait") {
      model.send(act, args);
    }
  }
  await model.drain(choose);
}

const ADAPTERS: Readonly<Record<string, Habits>> = {
  "that tells one stop a halt": {},
  "that tells each halt once a thread": { otherThreads: [2, 3] },
  "that reads frames when it answers": { readsFramesLate: true },
  "that tells what it was asked to let go": { tellsContinued: true, otherThreads: [7] },
};

describe("A session whose keys are fast", () => {
  for (const [name, habits] of Object.entries(ADAPTERS)) {
    it(`tells each line's pages in the step that names the line, and in no other, by an adapter ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(acts, tape, async (todo, order) => {
          const model = new Model(habits);
          await model.arm();
          await play(model, todo, order);
          check(model, [...model.session.recording.steps], habits.otherThreads === undefined);
        }),
        { numRuns: RUNS, seed: 1 },
      );
    });
  }

  it("has one step a line where everybody waits for everybody", async () => {
    const model = new Model();
    await model.arm();
    for (let i = 0; i < 5; i += 1) {
      model.send("next", { threadId: 1 });
      await model.drain(() => 0);
    }
    const steps = [...model.session.recording.steps];
    assert.deepEqual(
      steps.map(({ from, to, written, stops, doubts }) => [from?.line, to?.line, [...written.pairs()], stops, doubts]),
      [1, 2, 3, 4, 5].map(line => [line, line + 1, [[line, line + 1]], 1, []]),
    );
    assert.ok(steps.every(({ settled }) => settled));
  });

  it("books an assignment to the debugger where its answer was waited for", async () => {
    const model = new Model();
    await model.arm();
    model.send("setVariable");
    await model.drain(() => 0);
    model.send("next", { threadId: 1 });
    await model.drain(() => 0);
    const [step] = model.session.recording.steps;
    assert.deepEqual([...step.written.pairs()], [[1, 2]]);
    assert.deepEqual([...step.debugger.pairs()], [[DEBUGGER_PAGES, DEBUGGER_PAGES + 1]]);
    assert.deepEqual(step.doubts, []);
  });

  it("doubts a step before which an assignment was not answered", async () => {
    const model = new Model();
    await model.arm();
    model.send("setVariable");
    model.windowStopped = false;
    model.send("next", { threadId: 1 });
    await model.drain(() => 0);
    const [step] = model.session.recording.steps;
    assert.deepEqual(step.doubts, ["edit in flight"]);
  });

  it("stands where it stood when a request to let it go is refused", async () => {
    const model = new Model();
    await model.arm();
    model.send("stepOut", { threadId: 1 });
    assert.equal(model.session.status.message, "Running; armed.");
    await model.drain(() => 0);
    assert.equal(model.session.status.message, "Stopped; armed.");
    model.send("next", { threadId: 1 });
    await model.drain(() => 0);
    const [step] = model.session.recording.steps;
    assert.deepEqual([step.from?.line, step.to?.line, step.stops], [1, 2, 1]);
  });
});

/** @param isExact whether each halt is told by one event, so that all are counted right. */
function check(model: Model, steps: readonly Step[], isExact: boolean): void {
  let at = 1;
  let told = PageSet.EMPTY;
  for (const step of steps) {
    const account = `step ${step.number}: ${step.from?.line} → ${step.to?.line}, ${step.stops} stops, ${[...step.written.pairs()]}, ${step.doubts}`;
    assert.ok(step.written.intersect(told).isEmpty, `told twice: ${account}`);
    told = told.union(step.written);
    const lines = step.written.clip(0, DEBUGGER_PAGES);
    // A step without an end says nothing of lines; its pages still follow on those of the step before.
    const end = step.to?.line ?? (isExact ? at + step.stops : at + lines.pageCount);
    if (step.from) assert.equal(step.from.line, at, `begins elsewhere: ${account}`);
    // A late word of the halt before may look like a halt of its own: then it says more stops than there were, never fewer.
    const isMarked = isExact ? end - at === step.stops : end - at <= step.stops;
    assert.ok(isMarked, `spans other stops: ${account}`);
    assert.ok(lines.equals(PageSet.of(at, end)), `has other lines' pages: ${account}`);
    if (step.doubts.length === 0) {
      assert.ok(step.written.equals(lines), `has the debugger's pages and does not say so: ${account}`);
    }
    at = end;
  }
  assert.equal(at, model.line, "the last lines were not told");
}

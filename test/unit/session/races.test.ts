// What happens while a session arms, restarts or ends: everything is looked at again after each wait.
import assert from "node:assert/strict";
import { Model, settled } from "./model.ts";

/** Begins to arm, lets `messages` of the conversation through, does `meanwhile`, and lets the rest through. */
async function armWhile(model: Model, messages: number, meanwhile: () => void): Promise<Error | undefined> {
  model.event("process", { systemProcessId: 42 });
  model.halt("entry");
  await model.drain(() => 0);
  let refusal: Error | undefined;
  let done = false;
  model.session.arm().then(
    () => {
      done = true;
    },
    error => {
      refusal = error;
      done = true;
    },
  );
  await settled();
  for (let i = 0; i < messages && model.isBusy; i += 1) await model.deliver(() => 0);
  if (done) return refusal;
  meanwhile();
  while (!done) await (model.isBusy ? model.deliver(() => 0) : settled());
  await model.drain(() => 0);
  return refusal;
}

/** Lets an arming that the session begins by itself come to its end: it waits for a turn of the timers. */
async function auto(model: Model): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 2));
  do {
    await model.drain(() => 0);
    await settled();
  } while (model.isBusy || model.session.status.memory === "arming");
}

/** How many messages an arming takes; each is a moment at which something may happen. */
const MOMENTS = 14;

describe("A session that is being armed", () => {
  it("while the program is let go is not armed, says why, and can be armed at the next stop", async () => {
    let refused = 0;
    for (let moment = 0; moment < MOMENTS; moment += 1) {
      const model = new Model();
      const refusal = await armWhile(model, moment, () => model.send("next", { threadId: 1 }));
      await model.drain(() => 0);
      const { session } = model;
      if (session.isArmed) continue;
      refused += 1;
      assert.match(refusal?.message ?? "", /let go while it was being armed/, `at ${moment}`);
      assert.equal(session.status.memory, "unarmed", `at ${moment}`);
      assert.equal(session.status.program, "stopped", `at ${moment}`);
      let done = false;
      const again = session.arm().finally(() => {
        done = true;
      });
      while (!done) await (model.isBusy ? model.deliver(() => 0) : settled());
      await again;
      assert.equal(session.status.message, "Stopped; armed.");
    }
    assert.ok(refused > 5, `only ${refused} armings were overtaken`);
  });

  it("while its program ends stays unarmed", async () => {
    for (let moment = 0; moment < MOMENTS; moment += 1) {
      const model = new Model();
      await armWhile(model, moment, () => model.session.ended());
      model.session.ended();
      assert.deepEqual([model.session.isArmed, model.session.status.memory], [false, "unarmed"], `at ${moment}`);
    }
  });

  it("is not any more when it is disarmed, at whatever moment", async () => {
    for (let moment = 0; moment < MOMENTS; moment += 1) {
      const model = new Model();
      let released: Promise<void> | undefined;
      await armWhile(model, moment, () => {
        released = model.session.disarm();
      });
      released ??= model.session.disarm();
      await model.drain(() => 0);
      await released;
      assert.deepEqual([model.session.isArmed, model.session.status.memory], [false, "unarmed"], `at ${moment}`);
    }
  });

  it("in the middle of a fork is refused, with what to do", async () => {
    const model = new Model();
    model.event("stopped", { reason: "fork", threadId: 1, allThreadsStopped: true });
    await model.drain(() => 0);
    let refusal = "";
    const arming = model.session.arm().catch(error => {
      refusal = error.message;
    });
    await settled();
    await model.drain(() => 0);
    await arming;
    assert.match(refusal, /in the middle of a fork.*step once/);
    assert.match(model.session.status.message, /Not armed: .*fork/);
  });
});

describe("A session that is restarted", () => {
  it("by its adapter keeps the run before as it was, and is armed again at the first stop", async () => {
    const model = new Model();
    await model.arm();
    model.send("next", { threadId: 1 });
    await model.drain(() => 0);
    const { session } = model;
    const before = session.recording;
    model.send("restart");
    await model.drain(() => 0);
    model.event("process", { systemProcessId: 43 });
    model.halt("entry");
    await model.drain(() => 0);
    // Auto-arming waits until the stop has been told to everybody.
    await auto(model);
    assert.equal(session.status.message, "Stopped; armed.");
    assert.notEqual(session.recording, before);
    assert.deepEqual(session.closedRuns, [before]);
    assert.equal(before.steps.count, 1);
    assert.equal(session.recording.steps.count, 0);
  });

  it("by hand after a disarming stays unarmed", async () => {
    const model = new Model();
    await model.arm();
    const released = model.session.disarm();
    await model.drain(() => 0);
    await released;
    model.send("restart");
    await model.drain(() => 0);
    model.halt("entry");
    await auto(model);
    assert.equal(model.session.isArmed, false);
  });
});

describe("A halt", () => {
  it("of one thread among others that run on is not all threads running when another goes on", async () => {
    const model = new Model();
    await model.arm();
    model.event("continued", { threadId: 9, allThreadsContinued: false });
    await model.drain(() => 0);
    assert.equal(model.session.status.program, "stopped");
  });

  it("of one thread among others that run on leaves their writes to the next step, not to the debugger", async () => {
    const model = new Model({ runsOthers: true });
    await model.arm();
    model.send("next", { threadId: 1 });
    await model.drain(() => 0);
    model.storeElsewhere(77);
    await model.until(model.session.bookToDebugger());
    model.send("next", { threadId: 1 });
    await model.drain(() => 0);
    const [, step] = model.session.recording.steps;
    assert.ok(step?.written.has(77), "it is another step's");
    assert.ok(step.debugger.isEmpty, "it is the debugger's");
    assert.deepEqual(step.doubts, ["others ran"]);
  });

  it("that a continue came to is told with the way there, and with the stop's reason", async () => {
    const model = new Model();
    await model.arm();
    model.send("continue", { threadId: 1 });
    await model.drain(() => 0);
    const [step] = model.session.recording.steps;
    assert.deepEqual([step.by, step.reason, step.stops], ["continue", "step", 1]);
  });
});

describe("A program that is let go twice, as a held key does it,", () => {
  for (const [how, tellsContinued] of [
    ["tells of its going", true],
    ["does not tell of its going", false],
  ] as const) {
    it(`runs on where the second request is refused, under a debugger that ${how}`, async () => {
      for (const answersFirst of [true, false]) {
        const model = new Model({ tellsContinued });
        await model.arm();
        model.send("next", { threadId: 1 });
        if (!answersFirst) model.send("next", { threadId: 1 });
        while (model.lines.toAdapter.length > 0) model.lines.toAdapter.shift()?.();
        // The line takes its time.
        const line = model.lines.program.splice(0);
        await model.drain(() => 0);
        if (answersFirst) model.send("next", { threadId: 1 });
        await model.drain(() => 0);
        assert.equal(model.session.status.message, "Running; armed.");
        model.lines.program.push(...line);
        await model.drain(() => 0);
        assert.equal(model.session.status.message, "Stopped; armed.");
        const told = [...model.session.recording.steps].map(({ by, stops, written, from, to }) => [
          by,
          stops,
          [written.pageCount, written.has(1)],
          from?.line,
          to?.line,
        ]);
        assert.deepEqual(told, [["next", 1, [1, true], 1, 2]]);
      }
    });
  }
});

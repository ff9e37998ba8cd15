// From the debug adapter's messages to the page's replies: session, recording and host together.
import assert from "node:assert/strict";
import { Emitter } from "../../../src/common/emitter.ts";
import type { Step } from "../../../src/recording/step.ts";
import type { TrackedSession } from "../../../src/session/tracked-session.ts";
import { noteText } from "../../../src/ui/line-note-text.ts";
import { NotedStep } from "../../../src/ui/noted-step.ts";
import { type Changed, type PanelState, StateRequest, StepRequest, StepsRequest } from "../../../src/ui/protocol.ts";
import type { SessionsSource } from "../../../src/ui/recordings.ts";
import { Model } from "../session/model.ts";
import { type Desk, deskOver, turn } from "./page.ts";

/** One session, as DebugSessions has many. */
class OneSession implements SessionsSource {
  readonly shown: TrackedSession;
  readonly onChange = new Emitter<TrackedSession>();
  readonly onStep = new Emitter<{ session: TrackedSession; step: Step }>();

  constructor(session: TrackedSession) {
    this.shown = session;
    session.onChange.listen(() => this.onChange.fire(session));
    session.onStep.listen(step => this.onStep.fire({ session, step }));
  }

  get all(): readonly TrackedSession[] {
    return [this.shown];
  }

  show(): void {}
}

describe("A session, its recording, the host and the page", () => {
  let model: Model;
  let at: Desk<OneSession>;
  let noted: NotedStep;

  beforeEach(async () => {
    model = new Model();
    at = deskOver(new OneSession(model.session));
    noted = new NotedStep(at.sessions, at.recordings);
    await model.arm();
    await turn();
    at.notices.length = 0;
  });
  afterEach(() => {
    noted.dispose();
    at.dispose();
  });

  const state = (): Promise<PanelState> => at.request(StateRequest, {});
  async function press(command: string): Promise<void> {
    model.send(command, { threadId: 1 });
    await model.drain(() => 0);
    await turn();
  }

  it("tell each line with its page, by notices and by requests", async () => {
    for (let i = 0; i < 3; i += 1) await press("next");
    const { shown, recordings } = await state();
    assert.equal(recordings[0].id, shown);
    assert.equal(recordings[0].status?.message, "Stopped; armed.");
    assert.equal(recordings[0].stepCount, 3);
    const query = { recording: shown ?? "", from: 0, count: 9, text: "", writingOnly: false };
    const { items } = await at.request(StepsRequest, query);
    assert.deepEqual(
      items.map(({ number, from, to, pages, settled }) => [number, from?.line, to?.line, pages, settled]),
      [
        [1, 1, 2, 1, true],
        [2, 2, 3, 1, true],
        [3, 3, 4, 1, true],
      ],
    );
    const details = await at.request(StepRequest, { recording: shown ?? "", step: 2, from: 0, count: 9 });
    assert.deepEqual(
      details?.ranges.map(({ start, end, by }) => [start, end, by]),
      [[2, 3, "program"]],
    );
    const told = at.notices.filter(({ isNew }) => isNew).map(({ step }) => step);
    assert.deepEqual(told, [1, 2, 3]);
  });

  it("tell the page of a step, and the note beside its line, in the turn in which it is known", async () => {
    const order: string[] = [];
    at.sessions.onStep.listen(({ step }) => order.push(`step ${step.number}`));
    noted.onChange.listen(() => {
      if (noted.step) order.push(`note ${noted.step.number}`);
    });
    const notices = new Set<number>();
    const { length } = at.received;
    model.send("next", { threadId: 1 });
    // Message by message: what was told when a message has been dealt with, was told in its turn.
    while (model.isBusy && order.length === 0) await model.deliver(() => 0);
    assert.deepEqual(order.slice(0, 2).sort(), ["note 1", "step 1"]);
    for (const message of at.received.slice(length)) {
      const { step } = ((message as { params?: Changed }).params ?? {}) as Changed;
      if (step !== undefined) notices.add(step);
    }
    assert.deepEqual([...notices], [1]);
    await model.drain(() => 0);
    assert.equal(noted.step && noteText(noted.step), "wrote 1 page: 1 unmapped");
  });

  it("show what may be done at each moment, and what not", async () => {
    assert.equal((await state()).recordings[0].status?.can.scan, true);
    model.send("next", { threadId: 1 });
    await turn();
    const { status } = (await state()).recordings[0];
    assert.deepEqual([status?.program, status?.can.scan, status?.can.disarm], ["running", false, true]);
    await model.drain(() => 0);
  });

  it("begin a new run with steps of its own, keep the old one, and drop its note", async () => {
    await press("next");
    assert.equal(noted.step?.number, 1);
    model.send("restart");
    await model.drain(() => 0);
    model.event("process", { systemProcessId: 43 });
    model.halt("entry");
    await model.drain(() => 0);
    await turn();
    assert.equal(noted.step, undefined);
    const { recordings, shown } = await state();
    assert.deepEqual(
      recordings.map(({ title, stepCount }) => [title, stepCount]),
      [
        ["model, run 2", 0],
        ["model, run 1 (ended)", 1],
      ],
    );
    assert.equal(shown, recordings[0].id);
    await model.drain(() => 0);
  });
});

// Which recordings there are, which one is shown, and that nothing of one stays when it is gone.
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { PageSet } from "../../../src/memory/page-set.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
import { ScanRecording } from "../../../src/recording/scan.ts";
import { EMPTY_LAYOUT } from "../../../src/tracker/reports.ts";
import { NotedStep } from "../../../src/ui/noted-step.ts";
import * as Protocol from "../../../src/ui/protocol.ts";
import { Recordings } from "../../../src/ui/recordings.ts";
import { desk, FakeSession, FakeSessions, mappingOf, STOPPED, stepOf, turn } from "./page.ts";

const RUNNING = { ...STOPPED, program: "running" as const };
const ENDED = { ...STOPPED, program: "ended" as const };

function scan(title = "redis", pid = 4711): ScanRecording {
  return new ScanRecording(title, pid, {
    mappings: [mappingOf(10, 4)],
    runs: Float64Array.of(10, 12),
    categories: Uint16Array.of(8),
    microseconds: 55,
  });
}

function running(name: string): FakeSession {
  const session = new FakeSession(name);
  session.status = RUNNING;
  return session;
}

describe("The recordings that can be shown", () => {
  it("are the sessions' runs, newest first, then scans and files", () => {
    const sessions = new FakeSessions();
    const recordings = new Recordings(sessions);
    const first = sessions.add(running("first"));
    sessions.add(running("second"));
    first.closedRuns = [first.recording];
    first.recording = new LiveRecording("first");
    const opened = scan();
    recordings.open(opened);
    assert.deepEqual(
      recordings.items().map(({ title, kind, status }) => [title, kind, status?.program]),
      [
        ["second", "live", "running"],
        ["first, run 2", "live", "running"],
        ["first, run 1 (ended)", "live", undefined],
        ["scan of redis (4711)", "scan", undefined],
      ],
    );
    assert.deepEqual(recordings.items()[3], {
      id: opened.id,
      kind: "scan",
      title: "scan of redis (4711)",
      pid: 4711,
      stepCount: 0,
      forgotten: 0,
      classes: opened.classes.map(({ name, pages }) => ({ name, pages: pages.pageCount })),
      microseconds: 55,
    });
  });

  it("let a scan stand beside the session, and closing it returns", () => {
    const sessions = new FakeSessions();
    const recordings = new Recordings(sessions);
    const session = sessions.add(new FakeSession("sample"));
    const opened = scan();
    recordings.open(opened);
    assert.equal(recordings.shown, opened);
    assert.equal(recordings.shownSession, undefined);
    recordings.show(session.recording.id);
    assert.equal(recordings.shown, session.recording);
    assert.equal(recordings.shownSession, session);
    recordings.show(opened.id);
    recordings.close(opened.id);
    assert.equal(recordings.shown, session.recording);
    assert.equal(recordings.find(opened.id), undefined);
  });

  it("show a session when its program stops for the first time, whatever was shown, and not at each stop", () => {
    const sessions = new FakeSessions();
    const recordings = new Recordings(sessions);
    sessions.add(new FakeSession("old"));
    const opened = scan();
    recordings.open(opened);
    const fresh = sessions.add(running("new"));
    assert.equal(recordings.shown, opened);
    fresh.status = STOPPED;
    sessions.onChange.fire(fresh);
    assert.equal(recordings.shown, fresh.recording);
    recordings.show(opened.id);
    fresh.status = RUNNING;
    sessions.onChange.fire(fresh);
    fresh.status = STOPPED;
    sessions.onChange.fire(fresh);
    assert.equal(recordings.shown, opened);
    // A restart is a new run: its first stop counts.
    fresh.closedRuns = [fresh.recording];
    fresh.recording = new LiveRecording("new");
    sessions.onChange.fire(fresh);
    assert.equal(recordings.shown, fresh.recording);
  });

  it("are not taken over by a session that can't be watched", () => {
    const sessions = new FakeSessions();
    const recordings = new Recordings(sessions);
    const opened = scan();
    recordings.open(opened);
    const script = new FakeSession("script.js");
    script.status = { ...STOPPED, can: { ...STOPPED.can, everArm: false } };
    sessions.add(script);
    assert.equal(recordings.shown, opened);
  });

  it("close where they are over, and not while their program runs", () => {
    const sessions = new FakeSessions();
    const recordings = new Recordings(sessions);
    const session = sessions.add(new FakeSession("sample"));
    recordings.close(session.recording.id);
    assert.equal(recordings.items().length, 1);
    session.status = ENDED;
    sessions.onChange.fire(session);
    assert.equal(recordings.items()[0].title, "sample (ended)");
    recordings.close(session.recording.id);
    assert.deepEqual(recordings.items(), []);
    assert.equal(recordings.shown, undefined);
  });

  it("are bounded: the oldest scan goes", () => {
    const recordings = new Recordings(new FakeSessions());
    const opened = Array.from({ length: 12 }, (_, i) => scan("redis", i + 1));
    for (const one of opened) recordings.open(one);
    assert.deepEqual(
      recordings.items().map(({ pid }) => pid),
      [12, 11, 10, 9, 8, 7, 6, 5],
    );
  });

  it("tell of changes of what is shown only, and of another's steps that there are more", async () => {
    const at = desk();
    const other = at.sessions.add(running("other"));
    const shown = at.sessions.add(running("shown"));
    await turn();
    at.notices.length = 0;
    other.recording.addStep(stepOf({ number: 1 }));
    at.sessions.onStep.fire({ session: other, step: stepOf({ number: 1 }) });
    await turn();
    assert.deepEqual(at.notices, [{ state: true }]);
    at.notices.length = 0;
    const { recording } = shown;
    recording.addStep(stepOf({ number: 1, settled: false }));
    await turn();
    recording.replaceStep(stepOf({ number: 1 }));
    await turn();
    recording.clear();
    await turn();
    const { id } = recording;
    assert.deepEqual(at.notices, [
      { state: false, recording: id, revision: 1, step: 1, isNew: true },
      { state: false, recording: id, revision: 2, step: 1, isNew: false },
      { state: true, recording: id, revision: 3 },
    ]);
    at.dispose();
  });

  it("tell of a hundred changes in one turn in one notice, in that very turn", async () => {
    const at = desk();
    const { recording } = at.sessions.add(running("sample"));
    await turn();
    at.received.length = 0;
    at.notices.length = 0;
    for (let number = 1; number <= 100; number += 1) recording.addStep(stepOf({ number }));
    assert.equal(at.received.length, 0);
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(at.received.length, 1);
    await turn();
    assert.equal(at.received.length, 1);
    assert.equal(at.notices[0].step, 100);
    assert.equal(at.notices[0].isNew, true);
    at.notices.length = 0;
    recording.addStep(stepOf({ number: 101, settled: false }));
    recording.replaceStep(stepOf({ number: 101 }));
    await turn();
    assert.deepEqual(
      at.notices.map(({ step, isNew }) => [step, isNew]),
      [[101, true]],
    );
    at.dispose();
  });
});

describe("A page that is gone", () => {
  it("is told nothing of what was on its way, and nobody is thrown at", async () => {
    const at = desk();
    const { recording } = at.sessions.add(running("sample"));
    await turn();
    const thrown: unknown[] = [];
    const onThrown = (error: unknown): void => void thrown.push(error);
    process.prependListener("uncaughtException", onThrown);
    try {
      recording.addStep(stepOf({ number: 1 }));
      at.dispose();
      recording.addStep(stepOf({ number: 2 }));
      at.dispose();
      await turn();
      recording.addStep(stepOf({ number: 3 }));
      await Promise.resolve();
      // Told at the end of the turn: the first notice of a turn went at once.
      const other = desk();
      const second = other.sessions.add(running("other"));
      await Promise.resolve();
      await Promise.resolve();
      second.recording.addStep(stepOf({ number: 1 }));
      other.dispose();
      await turn();
    } finally {
      process.off("uncaughtException", onThrown);
    }
    assert.deepEqual(thrown, []);
  });
});

describe("The step that a note tells of", () => {
  function noted(): { sessions: FakeSessions; recordings: Recordings; noted: NotedStep; session: FakeSession } {
    const sessions = new FakeSessions();
    const recordings = new Recordings(sessions);
    const note = new NotedStep(sessions, recordings);
    return { sessions, recordings, noted: note, session: sessions.add(new FakeSession("sample")) };
  }
  const shown = (note: NotedStep): number | undefined => note.step?.number;
  function tell(sessions: FakeSessions, session: FakeSession, number: number, settled = true): void {
    const step = stepOf({ number, settled });
    if (session.recording.steps.byNumber(number)) session.recording.replaceStep(step);
    else session.recording.addStep(step);
    sessions.onStep.fire({ session, step });
  }

  it("is the newest, at once and again when it is settled", () => {
    const { sessions, noted: note, session } = noted();
    const drawn: (string | undefined)[] = [];
    note.onChange.listen(() => drawn.push(note.step && `${note.step.number} ${note.step.settled}`));
    tell(sessions, session, 1, false);
    tell(sessions, session, 1);
    tell(sessions, session, 2);
    assert.deepEqual(drawn, ["1 false", "1 true", "2 true"]);
  });

  it("is the chosen one until the next comes, and stays where it is frozen", () => {
    const { sessions, noted: note, session } = noted();
    for (const number of [1, 2, 3]) tell(sessions, session, number);
    note.choose(session.recording, 1, true);
    assert.equal(shown(note), 1);
    note.choose(session.recording, 3, false);
    tell(sessions, session, 4);
    assert.equal(shown(note), 4);
    // The page says late that it has followed to a step before.
    note.choose(session.recording, 3, false);
    assert.equal(shown(note), 4);
    note.choose(session.recording, 2, true);
    tell(sessions, session, 5);
    assert.equal(shown(note), 2);
    // An older step that is told more fully does not take the note either.
    note.choose(session.recording, 5, false);
    tell(sessions, session, 3);
    assert.equal(shown(note), 5);
  });

  it("is none when its run is over, or another run has begun", () => {
    const { sessions, noted: note, session } = noted();
    tell(sessions, session, 1);
    session.closedRuns = [session.recording];
    session.recording = new LiveRecording("sample");
    sessions.onChange.fire(session);
    assert.equal(shown(note), undefined);
    tell(sessions, session, 1);
    assert.equal(shown(note), 1);
    session.status = ENDED;
    sessions.onChange.fire(session);
    assert.equal(shown(note), undefined);
    note.choose(session.recording, 1, false);
    sessions.onChange.fire(session);
    assert.equal(shown(note), 1);
  });

  it("is none while another recording is shown, nor when all steps were forgotten", () => {
    const { sessions, recordings, noted: note, session } = noted();
    tell(sessions, session, 1);
    const opened = scan();
    recordings.open(opened);
    assert.equal(shown(note), undefined);
    recordings.close(opened.id);
    assert.equal(shown(note), 1);
    session.recording.clear();
    assert.equal(shown(note), undefined);
  });
});

describe("What is gone", () => {
  it("is held by nothing in the host, though the page has asked all of it", async () => {
    const at = desk();
    const note = new NotedStep(at.sessions, at.recordings);
    const gone: WeakRef<object>[] = [];
    for (let i = 0; i < 20; i += 1) gone.push(...(await lived(at, note, i)));
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    for (let i = 0; i < 5; i += 1) {
      await turn();
      collect();
    }
    assert.deepEqual(
      gone.filter(ref => ref.deref() !== undefined).map(ref => ref.deref()?.constructor.name),
      [],
    );
    assert.equal(at.recordings.items().length, 0);
    note.dispose();
    at.dispose();
  });

  /** A session and a scan that are shown, asked about in every way, and gone again. */
  async function lived(at: ReturnType<typeof desk>, note: NotedStep, i: number): Promise<WeakRef<object>[]> {
    const layout = { ...EMPTY_LAYOUT, mappings: [mappingOf(10, 50, "[heap]")] };
    const session = at.sessions.add(new FakeSession(`sample ${i}`));
    session.recording.setLayout(layout);
    const step = stepOf({ number: 1, layout, written: PageSet.of(11, 14) });
    session.recording.addStep(step);
    at.sessions.onStep.fire({ session, step });
    note.choose(session.recording, 1, true);
    const opened = scan();
    at.recordings.open(opened);
    for (const recording of [session.recording.id, opened.id]) {
      at.recordings.show(recording);
      const query = {
        recording,
        step: 1,
        width: 900,
        height: 300,
        scroll: 0,
        overscan: 0,
        zoom: 0,
        order: "written first" as const,
        filter: { writtenOnly: false, foldLibraries: true, text: "" },
      };
      const steps = { recording, from: 0, count: 5, text: "heap", writingOnly: true };
      await at.request(Protocol.StateRequest, {});
      await at.request(Protocol.MapRequest, query);
      await at.request(Protocol.LocateRequest, { query, target: { to: "chosen step" } });
      await at.request(Protocol.DescribeRequest, { recording, start: 10, end: 20, step: 1 });
      await at.request(Protocol.StepsRequest, steps);
      await at.request(Protocol.StepPositionRequest, { ...steps, step: 1 });
      await at.request(Protocol.StepRequest, { recording, step: 1, from: 0, count: 9 });
      await at.request(Protocol.TableRequest, { recording, step: 1, from: 0, count: 9 });
    }
    note.choose(opened, 1, true);
    at.recordings.close(opened.id);
    session.status = ENDED;
    at.sessions.onChange.fire(session);
    at.sessions.remove(session);
    at.received.length = 0;
    at.notices.length = 0;
    return [session, session.recording, layout, step, opened].map(object => new WeakRef(object));
  }
});

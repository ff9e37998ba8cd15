// What other extensions are given: typed by writewatch.d.ts, plain and immutable, and proof against what they may do with it.
import assert from "node:assert/strict";
import { Emitter } from "../../../src/common/emitter.ts";
import type { Log } from "../../../src/common/log.ts";
import { addressOf } from "../../../src/memory/page.ts";
import type { Step } from "../../../src/recording/step.ts";
import type { TrackedSession } from "../../../src/session/tracked-session.ts";
import type { Hit } from "../../../src/session/watch-hit.ts";
import type { WatchEntry } from "../../../src/session/watch-list.ts";
import { exportsOf } from "../../../src/ui/api/api.ts";
import type { Session as ApiSession, Step as ApiStep, WriteWatch } from "../../../src/ui/api/writewatch.d.ts";
import { Model } from "../session/model.ts";

interface World {
  readonly model: Model;
  readonly api: WriteWatch;
  readonly warnings: string[];
  isTrusted: boolean;
  refusal: string | undefined;
  readonly onHit: Emitter<{ session: TrackedSession; hit: Hit }>;
}

function world(): World {
  const model = new Model();
  const onChange = new Emitter<TrackedSession>();
  const onStep = new Emitter<{ session: TrackedSession; step: Step }>();
  model.session.onChange.listen(() => onChange.fire(model.session));
  model.session.onStep.listen(step => onStep.fire({ session: model.session, step }));
  const warnings: string[] = [];
  const silent = (): void => {};
  const heard: Log = {
    trace: silent,
    debug: silent,
    info: silent,
    warn: message => void warnings.push(typeof message === "function" ? message() : message),
    error: silent,
  };
  let entries: readonly WatchEntry[] = [];
  const made: World = {
    model,
    warnings,
    isTrusted: true,
    refusal: undefined,
    onHit: new Emitter(),
    get api() {
      return api;
    },
  };
  const { getApi } = exportsOf({
    sessions: { all: [model.session], onChange, onStep },
    watches: {
      get entries() {
        return entries;
      },
      onHit: made.onHit,
      set: async list => {
        entries = list;
        if (made.refusal) throw new Error(made.refusal);
      },
    },
    agent: () => ({
      snapshot: async () => ({
        mappings: [],
        runs: Float64Array.of(16, 18),
        categories: Uint16Array.of(8),
        microseconds: 1,
      }),
    }),
    isTrusted: () => made.isTrusted,
    log: heard,
  });
  const api = getApi(1);
  return made;
}

async function step({ model }: World): Promise<void> {
  model.send("next", { threadId: 1 });
  await model.drain(() => 0);
}

describe("Another extension", () => {
  it("follows a session: arms it, hears of each step, and asks who wrote a byte", async () => {
    const there = world();
    const { api, model } = there;
    const heard: { session: ApiSession; step: ApiStep }[] = [];
    api.onDidTellStep(told => heard.push(told));
    model.event("process", { systemProcessId: 42 });
    model.halt("entry");
    await model.drain(() => 0);
    const [session] = api.sessions;
    assert.deepEqual([session?.program, session?.memory], ["stopped", "unarmed"]);
    await model.until(session?.arm() ?? Promise.reject());
    assert.equal(session?.memory, "armed");
    await step(there);
    await step(there);
    const last = heard.at(-1);
    assert.equal(last?.session, session);
    assert.deepEqual([last?.step.number, last?.step.settled, last?.step.pages], [2, true, 1]);
    assert.equal(last?.step.written[0]?.start, "0x2000");
    assert.deepEqual(session?.stepNumbers, [1, 2]);
    assert.deepEqual(session?.step(2), last?.step);
    assert.deepEqual(
      session?.whoWrote("0x2010").map(writer => writer.step),
      [2],
    );
    assert.deepEqual(
      session?.whoWrote(addressOf(1), 0x2000).map(writer => writer.step),
      [2, 1],
    );
    assert.deepEqual(session?.whoWrote(addressOf(7)), []);
    assert.equal(api.session("model"), session);
    assert.equal(api.session("another"), undefined);
  });

  it("asks for a scan between stops, and is told why there can be none", async () => {
    const { api, model } = world();
    const [session] = api.sessions;
    await assert.rejects(session?.scan() ?? Promise.resolve(), /not armed/);
    await model.arm();
    const scanning = session?.scan();
    await model.until(scanning ?? Promise.reject());
    assert.equal((await scanning)?.by, "scan");
    await model.until(session?.disarm() ?? Promise.reject());
    assert.equal(session?.memory, "unarmed");
  });

  it("sets and removes watches, and is told where the present session can't watch them", async () => {
    const there = world();
    const { api } = there;
    const added = await api.addWatch("0x1000+8");
    assert.deepEqual(
      api.watches.map(({ target }) => target),
      [added.target],
    );
    there.refusal = "it has no such variable";
    assert.equal((await api.addWatch("nothing")).problem, "it has no such variable");
    assert.equal(api.watches.length, 2);
    await assert.rejects(api.addWatch("kind:nonsense"), /kinds/);
    assert.equal(await api.removeWatch(added.id), true);
    assert.equal(await api.removeWatch(added.id), false);
    assert.equal(api.watches.length, 1);
  });

  it("scans a process", async () => {
    const { regions, processId } = await world().api.scanProcess(42);
    assert.equal(processId, 42);
    assert.deepEqual(
      regions.map(({ start, end, pages }) => [start, end, pages]),
      [["0x10000", "0x12000", 2]],
    );
  });

  it("can change nothing of what it was given", async () => {
    const there = world();
    const { api } = there;
    await there.model.arm();
    await step(there);
    const [session] = api.sessions;
    const told = session?.step(1);
    for (const given of [api, api.sessions, session, session?.stepNumbers, told, told?.written, told?.written[0]])
      assert.ok(Object.isFrozen(given), JSON.stringify(given));
  });

  it("disturbs nobody by a listener that throws, rejects, or is no function", async () => {
    const there = world();
    const { api, warnings } = there;
    let heard = 0;
    assert.throws(() => api.onDidTellStep(undefined as never), /listener must be a function/);
    api.onDidTellStep(() => {
      throw new Error("broken");
    });
    api.onDidTellStep(async () => {
      throw new Error("broken later");
    });
    const listening = api.onDidTellStep(() => {
      heard += 1;
    });
    await there.model.arm();
    await step(there);
    assert.ok(heard > 0);
    assert.ok(warnings.some(words => words.endsWith("broken")));
    assert.ok(warnings.some(words => words.endsWith("broken later")));
    listening.dispose();
    const before = heard;
    await step(there);
    assert.equal(heard, before);
    assert.equal(there.model.session.recording.steps.count, 2);
  });

  it("is refused what makes no sense, in words, and nothing is lost", async () => {
    const { api } = world();
    const [session] = api.sessions;
    assert.ok(session);
    const nonsense = [undefined, null, "", "ten", -1, 1.5, Number.NaN, {}, [], 2 ** 60];
    for (const wrong of nonsense as never[]) {
      assert.throws(() => session.step(wrong), /step's number/);
      assert.throws(() => session.whoWrote(wrong), /address/);
      await assert.rejects(api.scanProcess(wrong), /process's number/);
    }
    assert.throws(() => session.whoWrote("0x1000", 0), /length/);
    assert.throws(() => session.whoWrote("0x1000", 1, 1e9), /limit/);
    await assert.rejects(session.arm({} as never), /CancellationToken/);
    await assert.rejects(session.arm(), /not stopped/);
    await assert.rejects(api.addWatch(7 as never), /target/);
    assert.equal(await api.removeWatch(undefined as never), false);
    assert.equal(api.session(undefined as never), undefined);
  });

  it("gets no version that there is not", () => {
    const { model } = world();
    const { getApi, apiVersion } = exportsOf({
      sessions: { all: [], onChange: model.session.onChange as never, onStep: model.session.onStep as never },
      watches: { entries: [], onHit: new Emitter(), set: async () => {} },
      agent: () => assert.fail("nobody asked for an agent"),
      isTrusted: () => true,
      log: console as never,
    });
    assert.equal(apiVersion, 1);
    for (const version of [0, 2, "1", undefined]) assert.throws(() => getApi(version as never), /It has version 1/);
  });

  it("arms, watches and scans nothing in a workspace that the user does not trust", async () => {
    const there = world();
    const { api } = there;
    there.isTrusted = false;
    there.model.halt("entry");
    await there.model.drain(() => 0);
    await assert.rejects(api.sessions[0]?.arm() ?? Promise.resolve(), /does not trust/);
    await assert.rejects(api.addWatch("0x1000"), /does not trust/);
    await assert.rejects(api.scanProcess(1), /does not trust/);
    assert.deepEqual([there.model.session.status.memory, api.watches], ["unarmed", []]);
  });
});

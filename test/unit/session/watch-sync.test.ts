// The list of watches in one session: what is resolved when, what is set, and what is said of what can't be found.
import assert from "node:assert/strict";
import type { WatchRequest, WatchState } from "../../../src/session/watch-hit.ts";
import type { WatchEntry } from "../../../src/session/watch-list.ts";
import { type WatchedSession, WatchSync } from "../../../src/session/watch-sync.ts";

class Session implements WatchedSession {
  stands = true;
  isArmed = false;
  mappings: WatchedSession["mappings"];
  readonly objects: Record<string, { address: number; size: number }> = { counters: { address: 4096, size: 64 } };
  readonly asked: string[] = [];
  sets: (readonly WatchRequest[])[] = [];
  readonly watching = {
    list: [] as readonly WatchRequest[],
    set: async (list: readonly WatchRequest[]): Promise<void> => {
      this.sets.push(list);
      this.watching.list = list;
    },
    state: (id: string): WatchState | undefined =>
      this.watching.list.some(request => request.id === id)
        ? { state: "watched", notes: ["told"], hits: 2 }
        : undefined,
  };

  async arm(): Promise<void> {
    this.isArmed = true;
    const place = { permissions: "rw-p", offset: 0, device: "00:00", inode: 0 };
    this.mappings = [{ start: 16, end: 20, name: "[heap]", ...place }];
  }

  async locate(expression: string): Promise<{ address: number; size: number }> {
    this.asked.push(expression);
    const found = this.objects[expression];
    if (!found) throw new Error(`No symbol "${expression}" here.`);
    return found;
  }
}

const entry = (expression: string, more: Partial<WatchEntry> = {}): WatchEntry => ({
  id: expression,
  target: { expression },
  enabled: true,
  ...more,
});

describe("The list of watches in a session", () => {
  it("is set with the addresses of what it names, its conditions, and nothing that is off", async () => {
    const session = new Session();
    const sync = new WatchSync(session);
    await sync.apply([entry("counters", { condition: { fromHit: 2 }, log: true }), entry("total", { enabled: false })]);
    assert.deepEqual(session.watching.list, [
      { id: "counters", what: "counters", ranges: [{ start: 4096, end: 4160 }], condition: { fromHit: 2 }, log: true },
    ]);
    assert.deepEqual(session.asked, ["counters"]);
    assert.equal(sync.state(entry("total", { enabled: false })).state, "off");
  });

  it("asks for an object once a run, and for one that is not found at each stop", async () => {
    const session = new Session();
    const sync = new WatchSync(session);
    const entries = [entry("counters"), entry("later")];
    await sync.apply(entries);
    const state = sync.state(entries[1]);
    assert.equal(state.state, "unresolved");
    assert.match(state.notes.join(), /looked up again at each stop: No symbol "later" here/);
    session.objects.later = { address: 8192, size: 4 };
    await sync.apply(entries);
    assert.deepEqual(session.asked, ["counters", "later", "later"]);
    assert.equal(sync.state(entries[1]).state, "watched");
    sync.forget();
    await sync.apply(entries);
    assert.equal(session.asked.length, 5, "another run has it elsewhere");
  });

  it("sets nothing anew where nothing has changed", async () => {
    const session = new Session();
    const sync = new WatchSync(session);
    await sync.apply([entry("counters")]);
    await sync.apply([entry("counters")]);
    assert.equal(session.sets.length, 1);
    await sync.apply([]);
    assert.deepEqual(session.watching.list, []);
  });

  it("waits for the next stop while the program runs", async () => {
    const session = new Session();
    session.stands = false;
    const sync = new WatchSync(session);
    await sync.apply([entry("counters")]);
    assert.deepEqual([session.asked, session.sets], [[], []]);
    assert.deepEqual(sync.state(entry("counters")).notes, ["It is looked up when the program next stops."]);
    session.stands = true;
    await sync.apply([entry("counters")]);
    assert.equal(sync.state(entry("counters")).state, "watched");
  });

  it("arms before it watches mappings, and follows those that grow", async () => {
    const session = new Session();
    const sync = new WatchSync(session);
    const heap: WatchEntry = { id: "heap", target: { mappings: "heap" }, enabled: true };
    await sync.apply([heap]);
    assert.deepEqual(session.watching.list[0].ranges, [{ start: 16 * 4096, end: 20 * 4096 }]);
    session.mappings = session.mappings?.map(mapping => ({ ...mapping, end: 24 }));
    await sync.apply([heap]);
    assert.deepEqual(session.watching.list[0].ranges, [{ start: 16 * 4096, end: 24 * 4096 }]);
    session.mappings = [];
    await sync.apply([heap]);
    assert.match(sync.state(heap).notes.join(), /no such mapping/);
  });

  it("looks up anew what was changed to name something else", async () => {
    const session = new Session();
    session.objects.total = { address: 12_288, size: 4 };
    const sync = new WatchSync(session);
    await sync.apply([entry("counters")]);
    await sync.apply([{ ...entry("total"), id: "counters" }]);
    assert.deepEqual(session.watching.list[0].ranges, [{ start: 12_288, end: 12_292 }]);
  });
});

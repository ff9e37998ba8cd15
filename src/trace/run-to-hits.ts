// Runs a program from its break, instead of stepping it, and stops at each write into what is watched; then to its end.
import { Driver } from "../session/driver.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import type { WatchRequest } from "../session/watch-hit.ts";
import type { Happening, LaunchedProgram } from "./debuggee.ts";
import { rangeIn, type StopAtWrite } from "./options.ts";
import type { TraceListener } from "./trace.ts";

/**
 * @param first the stop at which the program stands, armed.
 * @returns the program's exit code.
 * @throws {Error} something can't be watched, with the remedy; nothing was run then.
 */
export async function runToHits(
  launched: LaunchedProgram,
  session: TrackedSession,
  { what, hits, first }: StopAtWrite & { readonly first: Happening },
  listener: TraceListener,
): Promise<number> {
  const { watching } = session;
  const requests: WatchRequest[] = [];
  for (const [index, text] of what.entries()) requests.push(await requestFor(session, String(index), text));
  await watching.set(hits > 0 ? requests : []);
  launched.forgetStops();
  for (const { id, what: name, ranges } of watching.list) {
    const { state, notes = [] } = watching.state(id) ?? {};
    if (state !== "watched") throw new Error(`${name} can't be watched: ${notes.join(" ") || "nobody says why"}`);
    listener.watching(name, ranges, notes);
  }
  const before = new Set(watching.list.flatMap(({ id }) => watching.state(id)?.notes ?? []));
  const latest = new Map<string, readonly string[]>();
  let told = 0;
  const subscriptions = [
    watching.onHit.listen(hit => {
      told += 1;
      if (told <= hits) listener.hit(hit);
    }),
    watching.onChange.listen(() => {
      for (const { id, what: name } of watching.list) {
        const { state, notes = [] } = watching.state(id) ?? {};
        if (state === "watched") latest.set(name, notes);
      }
    }),
  ];
  const driver = new Driver(session, launched.client);
  let now = first;
  try {
    while (now.kind === "stopped" && told < hits) {
      if (session.status.program === "stopped") await driver.letGo("continue", now.threadId);
      now = await launched.next();
      await watching.quiet();
      if (now.kind === "stopped" && now.signal) listener.signal(now.signal, session.location);
    }
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
  }
  for (const [name, notes] of latest) for (const note of notes) if (!before.has(note)) listener.noted(name, note);
  if (now.kind === "stopped") {
    await watching.set([]);
    await launched.clearBreakpoints();
  }
  return now.kind === "ended" ? now.exitCode : runToEnd(launched, now);
}

/** @returns the program's exit code. */
export async function runToEnd(launched: LaunchedProgram, from: Happening): Promise<number> {
  let now = from;
  while (now.kind === "stopped") {
    await launched.client.request("continue", { threadId: now.threadId });
    now = await launched.next();
  }
  return now.exitCode;
}

async function requestFor(session: TrackedSession, id: string, what: string): Promise<WatchRequest> {
  const range = rangeIn(what);
  if (range) return { id, what, ranges: [range] };
  const { address, size } = await session.locate(what);
  return { id, what, ranges: [{ start: address, end: address + size }] };
}

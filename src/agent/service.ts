// Answers the requests that come over a connection, by an agent in this process; one tracker a connection.
import { Cancelled } from "../common/deadline.ts";
import type { Log } from "../common/log.ts";
import type { Call, Connection } from "../common/post-message.ts";
import { Refusal, serve } from "../common/rpc.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { patchBetween } from "../tracker/layout-patch.ts";
import { EMPTY_LAYOUT } from "../tracker/reports.ts";
import type { ContentsHandle } from "./contents.ts";
import type { CoreProgress } from "./cores.ts";
import type { LocalAgent } from "./local.ts";
import * as Protocol from "./protocol.ts";
import type { ForkHandle, ForkPair } from "./tracking.ts";

/** Between two signs of life, milliseconds. */
const PULSE = 1000;
/** Between two words on how far something is, milliseconds. */
const PROGRESS = 100;

/** Says so when it is ready. */
export function serveAgent(connection: Connection, agent: LocalAgent, log: Log): void {
  const tracker = agent.tracker();
  /** What was told last; the other side has it unless that answer was lost. */
  let told = EMPTY_LAYOUT;
  const beat = (): void => connection.tell(Protocol.ALIVE.method, {});
  const pulse = new Pulse(beat);
  const on = <P, R>(request: Protocol.AgentRequest<P, R>, work: (params: P, call: Call) => Promise<R>): void => {
    const answer = (params: P, call: Call): Promise<unknown> =>
      pulse.during(() => refused(async () => request.toWire(await work(params, call))));
    serve(connection, request.type, request.params, answer, log);
  };

  const contents = (): ContentsHandle => {
    if (!tracker.contents) throw new Refusal("it keeps no copies of pages: it was attached without a budget for them");
    return tracker.contents;
  };
  on(Protocol.STATUS, async ({ pid, program }) => {
    const status = await tracker.status(pid, program);
    return status ? { status } : {};
  });
  on(Protocol.INTERRUPT, ({ pid, threadId, signal }) => tracker.interrupt(pid, threadId, signal));
  on(Protocol.COPY_PAGES, async ({ pid, start, end, to }) => {
    await tracker.copyPages(pid, start, end, to);
    return null;
  });
  on(Protocol.SYSTEM_CALL, ({ pid, number, args }) => tracker.systemCallIn(pid, number, args));
  const holder = agent.holder();
  const done = async (work: Promise<void>): Promise<null> => {
    await work;
    return null;
  };
  on(Protocol.HOLD, ({ pid }) => done(holder.hold(pid)));
  on(Protocol.RELEASE, ({ pid }) => done(holder.release(pid)));
  on(Protocol.RUN_FOR, ({ pid, milliseconds }) => done(holder.runFor(pid, milliseconds)));
  on(Protocol.THREADS, ({ pid }) => holder.threads(pid));
  on(Protocol.HELD_REGISTERS, ({ pid }) => holder.registers(pid));
  on(Protocol.PEEK, ({ pid, address, bytes }) => tracker.peek(pid, address, bytes));
  on(Protocol.ATTACH, async ({ pid, descriptor, options }, { signal }) => {
    await tracker.attach(pid, descriptor, options, signal);
    return null;
  });
  on(Protocol.ARM, async (_params, { signal }) => {
    const answer = await tracker.arm(signal);
    told = answer.layout;
    return answer;
  });
  on(Protocol.CHOOSE, async params => {
    const answer = await tracker.choose(params);
    told = answer.layout;
    return answer;
  });
  on(Protocol.SCAN, () => tracker.scan());
  on(Protocol.SETTLE, async ({ resident, known }) => {
    const { layout = told, ...settlement } = await tracker.settle(resident);
    const before = known === told.revision ? told : EMPTY_LAYOUT;
    told = layout;
    return layout.revision === known ? settlement : { ...settlement, patch: patchBetween(before, layout) };
  });
  on(Protocol.CAPTURE, async (_params, { signal }) => contents().capture(signal));
  on(Protocol.UNCAPTURE, async ({ version }) => {
    await contents().uncapture(version);
    return null;
  });
  on(Protocol.COPY_AHEAD, async ({ stood }) => contents().copyAhead(stood));
  on(Protocol.NEWEST, async ({ pages }) => contents().newest(pages));
  const { watches } = tracker;
  on(Protocol.WATCH_ATTACH, async ({ pid, descriptor }) => {
    await watches.attach(pid, descriptor);
    return null;
  });
  on(Protocol.WATCH_SET, ({ ranges, options }) => watches.set(ranges, options));
  on(Protocol.WATCH_LOOK, () => watches.look());
  on(Protocol.WATCH_PASS, async ({ id, isOnlyNow }) => {
    await watches.pass(id, isOnlyNow);
    return null;
  });
  on(Protocol.WATCH_OPEN, async ({ id }) => {
    await watches.open(id);
    return null;
  });
  on(Protocol.WATCH_SHUT, async ({ id }) => {
    const hit = await watches.shut(id);
    return hit ? { hit } : {};
  });
  on(Protocol.WATCH_SUSPEND, async () => {
    await watches.suspend();
    return null;
  });
  on(Protocol.WATCH_RESUME, async () => {
    await watches.resume();
    return null;
  });
  on(Protocol.WATCH_CLOSE, async () => {
    await watches.close();
    return null;
  });
  watches.onHit(hit => connection.tell(Protocol.WATCH_HIT.method, hit));
  watches.onMiss(miss => connection.tell(Protocol.WATCH_MISS.method, miss));
  on(Protocol.SNAPSHOT, ({ pid, request }, { signal }) => agent.snapshot(pid, signal, request));
  let lens: { readonly pair: ForkPair; readonly handle: ForkHandle } | undefined;
  on(Protocol.FORK_LOOK, (pair, { signal }) => {
    if (lens?.pair.parent !== pair.parent || lens.pair.child !== pair.child)
      lens = { pair, handle: agent.forkLens(pair) };
    return lens.handle.look(signal);
  });
  const toldFar = progressTo(progress => connection.tell(Protocol.CORE_PROGRESS.method, progress));
  on(Protocol.SAVE_CORE, (params, { signal }) => tracker.saveCore(params, toldFar, signal));
  on(Protocol.JOIN_CORES, (params, { signal }) => agent.joinCores(params, toldFar, signal));
  watches.onHurry(hurry => connection.tell(Protocol.WATCH_HURRY.method, hurry));
  on(Protocol.CAPABILITIES, () => agent.capabilities());
  on(Protocol.NAMES, ({ pid, ranges, most, before, roots }) => tracker.names(pid, ranges, most, before, roots));
  on(Protocol.READ, ({ pid, pages }) => tracker.read(pid, pages));
  beat();
}

/** Now and then, not at each piece. */
function progressTo(tell: (progress: CoreProgress) => void): (progress: CoreProgress) => void {
  let last = 0;
  return progress => {
    const now = performance.now();
    if (now - last < PROGRESS && progress.done < progress.all) return;
    last = now;
    tell(progress);
  };
}

/** Errors become refusals, which cross; a kernel's with all that is known of it. */
async function refused<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    if (!(error instanceof KernelError)) throw new Refusal(error instanceof Error ? error.message : String(error));
    const { call, target, errno, remedy, message } = error;
    const data: Protocol.KernelErrorData = { call, target, errno, remedy: remedy ?? "" };
    throw new Refusal(message, data);
  }
}

/** Beats while anything is being worked on; its timer goes on to its next turn, since most work ends before one is set up. */
class Pulse {
  private readonly beat: () => void;
  private working = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(beat: () => void) {
    this.beat = beat;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.working += 1;
    this.timer ??= setInterval(() => this.turn(), PULSE);
    try {
      return await work();
    } finally {
      this.working -= 1;
    }
  }

  private turn(): void {
    if (this.working > 0) this.beat();
    else {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }
}

// The watches of this window: kept with the workspace, set in every session, and what was told of them.
import * as vscode from "vscode";
import { Cancelled } from "../../common/deadline.ts";
import { type Disposable, DisposableList } from "../../common/disposable.ts";
import { Emitter } from "../../common/emitter.ts";
import type { Log } from "../../common/log.ts";
import type { DebugSessions } from "../../session/debug-sessions.ts";
import type { TrackedSession } from "../../session/tracked-session.ts";
import type { Hit } from "../../session/watch-hit.ts";
import { keptList, readList, type WatchEntry } from "../../session/watch-list.ts";
import { type EntryState, type WatchedSession, WatchSync } from "../../session/watch-sync.ts";

const KEY = "writewatch.watches";

interface Followed {
  readonly sync: WatchSync;
  /** Halts are told apart by the session's own changes: the program stood at the last one. */
  stood: boolean;
}

export class WriteWatches implements Disposable {
  /** The list, how a watch stands, or the hits have changed. */
  readonly onChange = new Emitter<void>();
  readonly onHit = new Emitter<{ readonly session: TrackedSession; readonly hit: Hit }>();
  /** Something could not be set that nobody waits for. */
  readonly onTrouble = new Emitter<string>();
  private readonly sessions: DebugSessions;
  private readonly memento: vscode.Memento;
  private readonly log: Log;
  private readonly followed = new WeakMap<TrackedSession, Followed>();
  private readonly disposables = new DisposableList();
  private list: readonly WatchEntry[];

  /** @param memento the workspace's. */
  constructor(sessions: DebugSessions, memento: vscode.Memento, log: Log) {
    this.sessions = sessions;
    this.memento = memento;
    this.log = log;
    const { entries, dropped } = readList(memento.get(KEY));
    this.list = entries;
    if (dropped > 0) log.warn(`${dropped} watches that were kept with the workspace can't be read, and are left out`);
    this.disposables.add(sessions.onChange.listen(session => this.sessionChanged(session)));
  }

  dispose(): void {
    this.disposables.dispose();
  }

  get entries(): readonly WatchEntry[] {
    return this.list;
  }

  /** How it stands in the shown session; undefined where there is none that lives. */
  state(entry: WatchEntry): EntryState | undefined {
    const session = this.live;
    return session && this.follow(session).sync.state(entry);
  }

  /** The stores that met it in the shown session's present run, the newest first. */
  hits({ id }: WatchEntry): readonly Hit[] {
    const hits = this.sessions.shown?.watching.hits ?? [];
    return hits.filter(({ watch }) => watch.id === id).reverse();
  }

  /** The store at which the shown program stands. */
  get presentHit(): Hit | undefined {
    return this.sessions.shown?.watching.hit;
  }

  /** The shown session, unless it has ended. */
  get live(): TrackedSession | undefined {
    const { shown } = this.sessions;
    return shown && shown.status.program !== "ended" && shown.status.can.everArm ? shown : undefined;
  }

  /**
   * Changes the list, keeps it, and has every session watch it.
   * @param frameId where new expressions are meant, in the shown session.
   * @throws {Error} the shown session can't watch it, and why; the list is changed nevertheless. {Cancelled}
   */
  async set(entries: readonly WatchEntry[], frameId?: number, signal?: AbortSignal): Promise<void> {
    this.list = entries;
    this.onChange.fire();
    await this.memento.update(KEY, keptList(entries));
    const { live } = this;
    for (const session of this.sessions.all)
      if (session !== live && this.isLive(session)) void this.applyQuietly(session);
    if (!live) return;
    try {
      await this.follow(live).sync.apply(entries, frameId, signal);
    } finally {
      this.onChange.fire();
    }
  }

  private isLive({ status }: TrackedSession): boolean {
    return status.program !== "ended" && status.can.everArm;
  }

  private sessionChanged(session: TrackedSession): void {
    const followed = this.follow(session);
    const stands = session.status.program === "stopped";
    const isHalt = stands && !followed.stood;
    followed.stood = stands;
    // A program armed by the user's own doing is: a folder that nobody trusts has no say.
    if (isHalt && this.list.length > 0 && vscode.workspace.isTrusted) void this.applyQuietly(session);
    this.onChange.fire();
  }

  private follow(session: TrackedSession): Followed {
    const known = this.followed.get(session);
    if (known) return known;
    const followed: Followed = { sync: new WatchSync(sourceOf(session)), stood: false };
    this.followed.set(session, followed);
    session.onRun.listen(() => followed.sync.forget());
    session.watching.onChange.listen(() => this.onChange.fire());
    session.watching.onHit.listen(hit => this.onHit.fire({ session, hit }));
    return followed;
  }

  /** At a halt: what it was itself is told first. */
  private async applyQuietly(session: TrackedSession): Promise<void> {
    try {
      await session.quiet();
      if (session.status.program !== "stopped") return;
      await this.follow(session).sync.apply(this.list);
    } catch (error) {
      if (error instanceof Cancelled) return;
      const why = error instanceof Error ? error.message : String(error);
      this.log.warn(() => `watches are not set in ${session.name}: ${why}`);
      this.onTrouble.fire(why);
    } finally {
      this.onChange.fire();
    }
  }
}

function sourceOf(session: TrackedSession): WatchedSession {
  return {
    get stands() {
      return session.status.program === "stopped";
    },
    get isArmed() {
      return session.isArmed;
    },
    get mappings() {
      return session.recording.layout?.mappings;
    },
    watching: session.watching,
    arm: signal => session.arm(signal),
    locate: (expression, frameId, signal) => session.locate(expression, frameId, signal),
  };
}

// Brings the list of watches into one session: resolves what each names to addresses, once a run, and sets them.
import { Cancelled } from "../common/deadline.ts";
import type { Located } from "../debuggers/locate.ts";
import type { Mapping } from "../memory/mapping.ts";
import type { ByteRange } from "../tracker/watches/reports.ts";
import type { WatchRequest, WatchState } from "./watch-hit.ts";
import { rangesIn, targetText, targetWords, type WatchEntry } from "./watch-list.ts";

/** What of a session is needed. */
export interface WatchedSession {
  /** Whether the program stands, so that expressions can be looked up. */
  readonly stands: boolean;
  readonly isArmed: boolean;
  /** The program's, where it is armed. */
  readonly mappings: readonly Mapping[] | undefined;
  readonly watching: {
    readonly list: readonly WatchRequest[];
    set(list: readonly WatchRequest[], signal?: AbortSignal): Promise<void>;
    state(id: string): WatchState | undefined;
  };
  arm(signal?: AbortSignal): Promise<void>;
  locate(expression: string, frameId?: number, signal?: AbortSignal): Promise<Located>;
}

export interface EntryState {
  /** "unresolved": what it names was not found yet. "off": it is not enabled. */
  readonly state: WatchState["state"] | "unresolved" | "off";
  /** A sentence each. */
  readonly notes: readonly string[];
  readonly hits: number;
  readonly ranges: readonly ByteRange[];
}

interface Resolved {
  /** What it was the answer for. */
  readonly text: string;
  readonly ranges: readonly ByteRange[];
  readonly why?: string;
}

export class WatchSync {
  private readonly session: WatchedSession;
  private resolved = new Map<string, Resolved>();
  private entries: readonly WatchEntry[] = [];
  private queue: Promise<unknown> = Promise.resolve();

  constructor(session: WatchedSession) {
    this.session = session;
  }

  /** Another run of the program: everything may lie elsewhere. */
  forget(): void {
    this.resolved.clear();
  }

  /** Whether something enabled still waits to be found. */
  get isWaiting(): boolean {
    return this.entries.some(entry => entry.enabled && (this.resolved.get(entry.id)?.ranges.length ?? 0) === 0);
  }

  /**
   * Watches the enabled ones of the list, so far as what they name is found; where the program runs, what is found already.
   * @param frameId of the frame that new expressions are meant in; absent: the one that the program stands in.
   * @throws {Error} nothing can be watched, with the remedy. {Cancelled}
   */
  apply(entries: readonly WatchEntry[], frameId?: number, signal?: AbortSignal): Promise<void> {
    const result = this.queue.then(() => this.applyNow(entries, frameId, signal));
    this.queue = result.catch(() => {});
    return result;
  }

  state(entry: WatchEntry): EntryState {
    const found = this.resolved.get(entry.id);
    const ranges = found?.text === targetText(entry.target) ? found.ranges : [];
    const { hits = 0, ...state } = this.session.watching.state(entry.id) ?? { state: "waiting" as const, notes: [] };
    if (!entry.enabled) return { state: "off", notes: [], hits, ranges };
    if (ranges.length > 0) return { ...state, hits, ranges };
    const why = found?.why ?? "It is looked up when the program next stops.";
    return { state: "unresolved", notes: [why], hits, ranges };
  }

  private async applyNow(entries: readonly WatchEntry[], frameId?: number, signal?: AbortSignal): Promise<void> {
    const { session } = this;
    this.entries = entries;
    for (const id of [...this.resolved.keys()]) if (!entries.some(entry => entry.id === id)) this.resolved.delete(id);
    const enabled = entries.filter(entry => entry.enabled);
    if (session.stands) {
      if (!session.isArmed && enabled.some(({ target }) => "mappings" in target)) await session.arm(signal);
      for (const entry of enabled) await this.resolve(entry, frameId, signal);
    }
    const requests = enabled.flatMap((entry): WatchRequest[] => {
      const { ranges = [], text } = this.resolved.get(entry.id) ?? {};
      if (ranges.length === 0 || text !== targetText(entry.target)) return [];
      const { id, target, condition, log } = entry;
      return [{ id, what: targetWords(target), ranges, ...(condition ? { condition } : {}), ...(log ? { log } : {}) }];
    });
    if (!sameRequests(requests, session.watching.list)) await session.watching.set(requests, signal);
  }

  private async resolve({ id, target }: WatchEntry, frameId?: number, signal?: AbortSignal): Promise<void> {
    const text = targetText(target);
    const known = this.resolved.get(id);
    if (known?.text === text && known.ranges.length > 0) return;
    try {
      const ranges = await this.rangesOf(target, frameId, signal);
      const none = ranges.length === 0 ? { why: `The program has no such mapping that it can write: ${text}.` } : {};
      this.resolved.set(id, { text, ranges, ...none });
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      const why = error instanceof Error ? error.message : String(error);
      this.resolved.set(id, { text, ranges: [], why: `Not found here, and looked up again at each stop: ${why}` });
    }
  }

  private async rangesOf(target: WatchEntry["target"], frameId?: number, signal?: AbortSignal): Promise<ByteRange[]> {
    if ("start" in target) return [{ start: target.start, end: target.end }];
    if ("mappings" in target) return rangesIn(this.session.mappings ?? [], target);
    const { address, size } = await this.session.locate(target.expression, frameId, signal);
    return [{ start: address, end: address + size }];
  }
}

function sameRequests(a: readonly WatchRequest[], b: readonly WatchRequest[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

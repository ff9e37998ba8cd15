// The watches of a tracker in this process.
import type { Disposable } from "../common/disposable.ts";
import { Emitter } from "../common/emitter.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { ScanReport } from "../tracker/reports.ts";
import type { Tracker } from "../tracker/tracker.ts";
import type {
  ByteRange,
  WatchHit,
  WatchHurry,
  WatchMiss,
  WatchOptions,
  WatchReport,
} from "../tracker/watches/reports.ts";
import { WatchSession } from "../tracker/watches/session.ts";
import type { WatchHandle } from "./watches.ts";

/** What is armed now, and whose turn it is. */
export interface WatchHost {
  /** @throws {Error} nothing is armed. */
  armed(): { readonly kernel: Kernel; readonly pid: number; readonly tracker: Tracker };
  inTurn<T>(work: () => T | Promise<T>): Promise<T>;
}

export class LocalWatches implements WatchHandle {
  private readonly host: WatchHost;
  private readonly hits = new Emitter<WatchHit>();
  private readonly misses = new Emitter<WatchMiss>();
  private readonly hurries = new Emitter<WatchHurry>();
  private attached: WatchSession | undefined;

  constructor(host: WatchHost) {
    this.host = host;
  }

  attach(_pid: number, descriptor?: number): Promise<void> {
    return this.host.inTurn(() => {
      this.drop();
      const { kernel, pid, tracker } = this.host.armed();
      const session = new WatchSession(kernel, pid, tracker, descriptor, work => this.host.inTurn(work));
      session.onHit(hit => this.hits.fire(hit));
      session.onMiss(miss => this.misses.fire(miss));
      session.onHurry(hurry => this.hurries.fire(hurry));
      this.attached = session;
    });
  }

  set(ranges: readonly ByteRange[], options: WatchOptions = {}): Promise<WatchReport> {
    return this.host.inTurn(() => this.session.set(ranges, options));
  }

  look(): Promise<WatchReport> {
    return this.host.inTurn(() => this.session.look());
  }

  onHit(listener: (hit: WatchHit) => void): Disposable {
    return this.hits.listen(listener);
  }

  onMiss(listener: (miss: WatchMiss) => void): Disposable {
    return this.misses.listen(listener);
  }

  onHurry(listener: (hurry: WatchHurry) => void): Disposable {
    return this.hurries.listen(listener);
  }

  // These wait for no scan: a thread stands meanwhile.
  async pass(id: number, isOnlyNow = false): Promise<void> {
    this.attached?.pass(id, isOnlyNow);
  }

  async open(id: number): Promise<void> {
    this.attached?.open(id);
  }

  async shut(id: number): Promise<WatchHit | undefined> {
    return this.attached?.shut(id);
  }

  suspend(): Promise<void> {
    return this.host.inTurn(() => this.attached?.suspend());
  }

  resume(): Promise<void> {
    return this.host.inTurn(() => this.attached?.resume());
  }

  close(): Promise<void> {
    return this.host.inTurn(() => {
      const { attached } = this;
      this.attached = undefined;
      attached?.close();
    });
  }

  /** The tracker has scanned. */
  scanned(report: ScanReport): void {
    this.attached?.scanned(report);
  }

  /** The tracker goes, and all that it had armed. */
  drop(): void {
    this.attached?.abandon();
    this.attached = undefined;
  }

  private get session(): WatchSession {
    if (!this.attached) throw new Error("nothing is attached to watch with");
    return this.attached;
  }
}

// The watches of a tracker in a process of its own.
import type { Disposable } from "../common/disposable.ts";
import { Emitter } from "../common/emitter.ts";
import type {
  ByteRange,
  WatchHit,
  WatchHurry,
  WatchMiss,
  WatchOptions,
  WatchReport,
} from "../tracker/watches/reports.ts";
import type { AgentProcess } from "./process.ts";
import * as Protocol from "./protocol.ts";
import { type WatchHandle, watchHit, watchHurry, watchMiss } from "./watches.ts";

export class RemoteWatches implements WatchHandle {
  private readonly process: AgentProcess;
  private readonly hits = new Emitter<WatchHit>();
  private readonly misses = new Emitter<WatchMiss>();
  private readonly hurries = new Emitter<WatchHurry>();

  constructor(process: AgentProcess) {
    this.process = process;
    process.hear(Protocol.WATCH_HIT, watchHit, hit => this.hits.fire(hit));
    process.hear(Protocol.WATCH_MISS, watchMiss, miss => this.misses.fire(miss));
    process.hear(Protocol.WATCH_HURRY, watchHurry, hurry => this.hurries.fire(hurry));
  }

  async attach(pid: number, descriptor?: number): Promise<void> {
    await this.process.ask(Protocol.WATCH_ATTACH, { pid, descriptor });
  }

  set(ranges: readonly ByteRange[], options: WatchOptions = {}): Promise<WatchReport> {
    return this.process.ask(Protocol.WATCH_SET, { ranges, options });
  }

  look(): Promise<WatchReport> {
    return this.process.ask(Protocol.WATCH_LOOK, {});
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

  async pass(id: number, isOnlyNow = false): Promise<void> {
    await this.process.ask(Protocol.WATCH_PASS, { id, isOnlyNow });
  }

  async open(id: number): Promise<void> {
    await this.process.ask(Protocol.WATCH_OPEN, { id });
  }

  async shut(id: number): Promise<WatchHit | undefined> {
    return (await this.process.ask(Protocol.WATCH_SHUT, { id })).hit;
  }

  async suspend(): Promise<void> {
    await this.process.ask(Protocol.WATCH_SUSPEND, {});
  }

  async resume(): Promise<void> {
    await this.process.ask(Protocol.WATCH_RESUME, {});
  }

  async close(): Promise<void> {
    await this.process.ask(Protocol.WATCH_CLOSE, {});
  }
}

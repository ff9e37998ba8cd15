// The watches of a tracker in this process.
import type { Disposable } from "../common/disposable.ts";
import { Emitter } from "../common/emitter.ts";
import type { ByteRange, WatchHit, WatchMiss, WatchOptions, WatchReport } from "../tracker/watches/reports.ts";
import type { WatchHandle } from "./watches.ts";

export class LocalWatches implements WatchHandle {
  private readonly hits = new Emitter<WatchHit>();
  private readonly misses = new Emitter<WatchMiss>();

  async attach(_pid: number, _descriptor?: number): Promise<void> {
    throw new Error("watches are not built yet");
  }

  async set(_ranges: readonly ByteRange[], _options: WatchOptions = {}): Promise<WatchReport> {
    throw new Error("watches are not built yet");
  }

  async look(): Promise<WatchReport> {
    throw new Error("watches are not built yet");
  }

  onHit(listener: (hit: WatchHit) => void): Disposable {
    return this.hits.listen(listener);
  }

  onMiss(listener: (miss: WatchMiss) => void): Disposable {
    return this.misses.listen(listener);
  }

  async pass(_id: number): Promise<void> {}

  async open(_id: number): Promise<void> {}

  async shut(_id: number): Promise<WatchHit | undefined> {
    return undefined;
  }

  async close(): Promise<void> {}
}

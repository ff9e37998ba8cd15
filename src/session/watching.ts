// Stop at Write in one debug session: which memory is watched, and what is done when a thread is about to write it.
import { Emitter } from "../common/emitter.ts";
import type { Hit, WatchRequest, WatchState } from "./watch-hit.ts";

export class Watching {
  /** A store met a watch: the program stands there, or it was told and went on. */
  readonly onHit = new Emitter<Hit>();
  /** How the watches stand has changed, or the present hit has. */
  readonly onChange = new Emitter<void>();

  private requests: readonly WatchRequest[] = [];

  /** All watches of the list, in its order. */
  get list(): readonly WatchRequest[] {
    return this.requests;
  }

  /** @returns undefined where the list has none of that id. */
  state(id: string): WatchState | undefined {
    return this.requests.some(request => request.id === id) ? { state: "waiting", notes: [], hits: 0 } : undefined;
  }

  /** The hit at which the program stands; undefined where it runs, or stands for another reason. */
  get hit(): Hit | undefined {
    return undefined;
  }

  /** The hits of this run of the program, oldest first, as many as are kept. */
  get hits(): readonly Hit[] {
    return [];
  }

  /**
   * Watches just these, whatever was watched before. The first time the program must stand: a call of ours runs in it; it is armed
   * where it is not. What can't be watched is told by its {@link state}.
   * @throws {Error} none can be watched, with what was tried and the remedy. {Cancelled}
   */
  async set(list: readonly WatchRequest[], _signal?: AbortSignal): Promise<void> {
    this.requests = list;
    this.onChange.fire();
  }
}

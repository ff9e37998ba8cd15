// For tests: the page without a browser. Its state is real, its questions go nowhere until the test answers them, or the host does.

import type { InspectedRange } from "../../../src/ui/protocol.ts";
import { reduce } from "../../../webview/reduce.ts";
import { REQUESTS } from "../../../webview/requests.ts";
import type { Questions, SlotName } from "../../../webview/slots.ts";
import { type Effect, type Event, initialState, type Kept, type State } from "../../../webview/state.ts";
import { type Desk, turn } from "../ui/page.ts";

export interface Asked {
  readonly slot: SlotName;
  readonly id: number;
  readonly query: unknown;
}

export class ScriptedPage {
  state: State;
  /** Questions that nobody has answered or given up. */
  asked: Asked[] = [];
  cancelled: Asked[] = [];
  /** Effects other than questions, in order. */
  done: Effect[] = [];
  /** How many questions were asked in all. */
  count = 0;

  constructor(kept?: Kept, inspected?: InspectedRange) {
    this.state = initialState(kept, inspected);
  }

  /** Begins as main.ts does, in a box of 900 by 300 pixels. */
  static begun(kept?: Kept, inspected?: InspectedRange): ScriptedPage {
    const page = new ScriptedPage(kept, inspected);
    page.on({ type: "visible", visible: true });
    page.on({ type: "resized", width: 900, height: 300 });
    page.on({ type: "listScrolled", first: 0, rows: 10 });
    return page;
  }

  on(event: Event): this {
    const { state, effects } = reduce(this.state, event);
    this.state = state;
    for (const effect of effects) {
      if (effect.do === "ask") {
        this.asked.push(effect);
        this.count += 1;
      } else if (effect.do === "cancel") {
        this.cancelled.push(...this.asked.filter(({ id }) => id === effect.id));
        this.asked = this.asked.filter(({ id }) => id !== effect.id);
      } else this.done.push(effect);
    }
    return this;
  }

  /** The one open question of a slot. */
  question<N extends SlotName>(slot: N): { readonly id: number; readonly query: Questions[N]["query"] } {
    const found = this.asked.filter(each => each.slot === slot);
    if (found.length !== 1) throw new Error(`${found.length} open questions for ${slot}`);
    return found[0] as { id: number; query: Questions[N]["query"] };
  }

  has(slot: SlotName): boolean {
    return this.asked.some(each => each.slot === slot);
  }

  answer<N extends SlotName>(slot: N, reply: Questions[N]["reply"]): this {
    const { id } = this.question(slot);
    this.asked = this.asked.filter(each => each.id !== id);
    return this.on({ type: "replied", slot, id, reply });
  }

  /** Lets the real host answer one slot's open question alone. */
  async answerFrom(host: Desk, slot: SlotName): Promise<this> {
    const { query } = this.question(slot);
    return this.answer(slot, (await host.request(REQUESTS[slot].type as never, query as never)) as never);
  }

  fail(slot: SlotName, message: string): this {
    const { id } = this.question(slot);
    this.asked = this.asked.filter(each => each.id !== id);
    return this.on({ type: "failed", slot, id, message });
  }

  /** Lets the real host answer, and hears its notices, until nothing is open any more. */
  async talk(host: Desk): Promise<this> {
    for (let round = 0; round < 20; round += 1) {
      await turn();
      const notices = host.notices.splice(0);
      for (const changed of notices) this.on({ type: "changed", changed });
      if (notices.length === 0 && this.asked.length === 0) return this;
      const open = this.asked;
      this.asked = [];
      const replies = await Promise.all(
        open.map(async ({ slot, id, query }): Promise<Event> => {
          try {
            const reply = await host.request(REQUESTS[slot].type as never, query as never);
            return { type: "replied", slot, id, reply };
          } catch (error) {
            return { type: "failed", slot, id, message: error instanceof Error ? error.message : String(error) };
          }
        }),
      );
      for (const event of replies) this.on(event);
    }
    throw new Error("the page asks without end");
  }
}

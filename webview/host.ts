// The extension on the other side of the page: questions with a deadline, notices, and what survives hiding the view.

import { Cancelled } from "../src/common/deadline.ts";
import { t } from "../src/common/l10n.ts";
import { NO_LOG } from "../src/common/log.ts";
import { connectOver, type Port } from "../src/common/post-message.ts";
import { ask, type NotificationType, type RequestType } from "../src/common/rpc.ts";
import { REQUESTS } from "./requests.ts";
import type { SlotName } from "./slots.ts";
import type { Event, Kept } from "./state.ts";

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** An answer that takes longer is told as missing; the question can be asked again. */
const DEADLINE_MS = 10_000;

/** VS Code, as its webviews see it: the way to the extension, and what survives hiding the view. */
export function vscodeApi(): { readonly port: Port; kept(): Kept | undefined; keep(state: Kept): void } {
  const api = acquireVsCodeApi();
  const port: Port = {
    post: message => api.postMessage(message),
    listen: listener => {
      const receive = ({ data }: MessageEvent): void => listener(data);
      window.addEventListener("message", receive);
      return { dispose: () => window.removeEventListener("message", receive) };
    },
  };
  return { port, kept: () => api.getState(), keep: state => api.setState(state) };
}

export class Host {
  private readonly inFlight = new Map<number, AbortController>();
  private readonly connection;

  constructor(port: Port) {
    this.connection = connectOver(port, NO_LOG);
  }

  /** Tells of one kind of notice. */
  on<P>(type: NotificationType<P>, listener: (params: P) => void): void {
    this.connection.hear(type.method, params => listener(params as P));
  }

  tell<P>(type: NotificationType<P>, params: P): void {
    this.connection.tell(type.method, params);
  }

  /** Asks, and reports the answer, or in words why there is none; nothing of a question that was given up. */
  ask(slot: SlotName, id: number, query: unknown, report: (event: Event) => void): void {
    const controller = new AbortController();
    this.inFlight.set(id, controller);
    const { type, what } = REQUESTS[slot];
    const wait = {
      what: t("WriteWatch, asked for {0},", what),
      milliseconds: DEADLINE_MS,
      signal: controller.signal,
    };
    ask(this.connection, type as RequestType<unknown, unknown>, query, wait)
      .then(
        reply => report({ type: "replied", slot, id, reply }),
        error => {
          if (error instanceof Cancelled && controller.signal.aborted) return;
          const reason = error instanceof Error ? error.message : String(error);
          const message = reason.startsWith(wait.what) ? `${reason}.` : t("No answer for {0}: {1}", what, reason);
          report({ type: "failed", slot, id, message });
        },
      )
      .finally(() => this.inFlight.delete(id));
  }

  cancel(id: number): void {
    this.inFlight.get(id)?.abort();
  }
}

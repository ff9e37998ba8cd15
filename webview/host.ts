// The extension on the other side of the page: questions with a deadline, notices, and what survives hiding the view.

import type { NotificationType, RequestType } from "vscode-jsonrpc";
import { Cancelled } from "../src/common/deadline.ts";
import { NO_LOG } from "../src/common/log.ts";
import { connectOver } from "../src/common/post-message.ts";
import { ask } from "../src/common/rpc.ts";
import {
  DescribeRequest,
  LocateRequest,
  MapRequest,
  StateRequest,
  StepPositionRequest,
  StepRequest,
  StepsRequest,
  TableRequest,
} from "../src/ui/protocol.ts";
import type { Questions, SlotName } from "./slots.ts";
import type { Event, Kept } from "./state.ts";

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** An answer that takes longer is told as missing; the question can be asked again. */
const DEADLINE_MS = 10_000;

const REQUESTS: {
  readonly [N in SlotName]: {
    readonly type: RequestType<Questions[N]["query"], Questions[N]["reply"], void>;
    /** What is asked for, in words. */
    readonly what: string;
  };
} = {
  panel: { type: StateRequest, what: "what there is to show" },
  map: { type: MapRequest, what: "the map" },
  place: { type: LocateRequest, what: "a place on the map" },
  cell: { type: DescribeRequest, what: "what a cell of the map holds" },
  steps: { type: StepsRequest, what: "the list of steps" },
  position: { type: StepPositionRequest, what: "a step's place in the list" },
  details: { type: StepRequest, what: "the chosen step" },
  table: { type: TableRequest, what: "the table of mappings" },
};

export class Host {
  private readonly api = acquireVsCodeApi();
  private readonly inFlight = new Map<number, AbortController>();
  private readonly connection = connectOver(
    {
      post: message => this.api.postMessage(message),
      listen: listener => {
        const receive = ({ data }: MessageEvent): void => listener(data);
        window.addEventListener("message", receive);
        return { dispose: () => window.removeEventListener("message", receive) };
      },
    },
    NO_LOG,
  );

  get kept(): Kept | undefined {
    return this.api.getState();
  }

  keep(state: Kept): void {
    this.api.setState(state);
  }

  /** Tells of one kind of notice. */
  on<P>(type: NotificationType<P>, listener: (params: P) => void): void {
    this.connection.onNotification(type.method, listener);
  }

  tell<P>(type: NotificationType<P>, params: P): void {
    void this.connection.sendNotification(type.method, params);
  }

  /** Asks, and reports the answer, or in words why there is none; nothing of a question that was given up. */
  ask(slot: SlotName, id: number, query: unknown, report: (event: Event) => void): void {
    const controller = new AbortController();
    this.inFlight.set(id, controller);
    const { type, what } = REQUESTS[slot];
    const wait = {
      what: `WriteWatch, asked for ${what},`,
      milliseconds: DEADLINE_MS,
      signal: controller.signal,
    };
    ask(this.connection, type as RequestType<unknown, unknown, void>, query, wait)
      .then(
        reply => report({ type: "replied", slot, id, reply }),
        error => {
          if (error instanceof Cancelled && controller.signal.aborted) return;
          const reason = error instanceof Error ? error.message : String(error);
          const message = reason.startsWith("WriteWatch, asked") ? `${reason}.` : `No answer for ${what}: ${reason}`;
          report({ type: "failed", slot, id, message });
        },
      )
      .finally(() => this.inFlight.delete(id));
  }

  cancel(id: number): void {
    this.inFlight.get(id)?.abort();
  }
}

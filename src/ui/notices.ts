// Tells the page that something changed: many changes in one turn of the event loop are one notice, sent in that same turn.
import type { Disposable } from "../common/disposable.ts";
import type { Changed } from "./protocol.ts";

export class Notices implements Disposable {
  private readonly send: (changed: Changed) => void;
  private pending: Changed | undefined;
  /** Whether a notice was sent in this turn already: what comes later in it waits for the next. */
  private sentInTurn = false;
  private ended = false;

  constructor(send: (changed: Changed) => void) {
    this.send = send;
  }

  add(changed: Changed): void {
    const isFirst = this.pending === undefined;
    this.pending = merged(this.pending, changed);
    if (!isFirst || this.sentInTurn) return;
    // Behind the work that is being done, but before anything else is: the page is to know as soon as VS Code does.
    queueMicrotask(() => {
      this.flush();
      this.sentInTurn = true;
      nextTurn(() => {
        this.sentInTurn = false;
        this.flush();
      });
    });
  }

  /** Nothing more is sent, whatever is pending or comes. */
  dispose(): void {
    this.ended = true;
  }

  private flush(): void {
    const { pending } = this;
    this.pending = undefined;
    if (pending && !this.ended) this.send(pending);
  }
}

/** Runs in the next turn of the event loop. A timer would wait a millisecond, or four: a step may come before. */
function nextTurn(work: () => void): void {
  if (typeof setImmediate === "function") {
    setImmediate(work);
    return;
  }
  // A browser has none, but handles messages in turns of their own.
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", () => {
    port1.close();
    work();
  });
  port1.start();
  port2.postMessage(undefined);
}

/** Both changes as one. Of two recordings the later one is what the page shows now. */
function merged(earlier: Changed | undefined, later: Changed): Changed {
  if (!earlier) return later;
  const state = earlier.state || later.state;
  if (later.recording === undefined) return { ...earlier, state };
  if (earlier.recording !== later.recording) return { ...later, state };
  const isNew = earlier.isNew === true || later.isNew === true;
  const step = largest(earlier.step, later.step);
  const revision = largest(earlier.revision, later.revision);
  return {
    state,
    recording: later.recording,
    ...(revision === undefined ? {} : { revision }),
    ...(step === undefined ? {} : { step, isNew }),
    layout: earlier.layout === true || later.layout === true,
  };
}

function largest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}

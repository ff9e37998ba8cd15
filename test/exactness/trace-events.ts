// The events of `npm run trace -- --json` as a reader of its output sees them, read with no help from the code that writes them.

export interface TracedRange {
  readonly start: string;
  readonly end: string;
  readonly pages: number;
  readonly mapping: string;
  /** Several are separated by ", ". */
  readonly note?: string;
}

export interface Place {
  readonly source?: string;
  readonly line?: number;
  readonly function?: string;
}

export interface ArmedEvent {
  readonly event: "armed";
  readonly pid: number;
  readonly backend: string;
  readonly mappings: number;
  readonly pages: number;
  readonly notArmed: readonly { start: string; end: string; name: string; reason: string }[];
}

export interface StepEvent {
  readonly event: "step";
  readonly step: number;
  /** null where the debugger could not say. */
  readonly from: Place | null;
  readonly to: Place | null;
  readonly pages: number;
  readonly written: readonly TracedRange[];
  readonly debugger: readonly TracedRange[];
  /** Absent in what a program says of itself by its self-check. */
  readonly discarded?: readonly TracedRange[];
  readonly created: readonly { start: string; end: string }[];
  readonly removed: readonly { start: string; end: string }[];
  /** With --bytes. */
  readonly changed?: readonly {
    readonly address: string;
    readonly before: string | null;
    readonly after: string | null;
    readonly why?: string;
  }[];
}

export interface ExitedEvent {
  readonly event: "exited";
  readonly exitCode: number;
}

export type TraceEvent = ArmedEvent | StepEvent | ExitedEvent;

/** @throws {Error} for a line that is not JSON: with --json, standard output is JSON Lines only. */
export function parseEvents(output: string): TraceEvent[] {
  return output
    .split("\n")
    .filter(line => line !== "")
    .map(line => {
      try {
        return JSON.parse(line) as TraceEvent;
      } catch {
        throw new Error(`standard output of the trace is not JSON Lines: ${line.slice(0, 200)}`);
      }
    });
}

export function stepsOf(events: readonly TraceEvent[]): StepEvent[] {
  return events.filter(event => event.event === "step").map(withDiscarded);
}

/** A report that calls pages given back so has told of them as much as one that calls them written, with a note. */
function withDiscarded(step: StepEvent): StepEvent {
  const discarded = (step.discarded ?? []).map(range => ({ ...range, note: "discarded" }));
  const pages = discarded.reduce((sum, range) => sum + range.pages, step.pages);
  return { ...step, pages, written: [...step.written, ...discarded] };
}

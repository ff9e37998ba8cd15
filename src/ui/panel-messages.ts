// Every message between the panel's page and the extension, declared once; both sides import this file.

import type { MappingKind } from "../memory/mapping.ts";
import type { PageNote } from "../memory/page-note.ts";
import type { SourceLocation } from "../recording/step.ts";

export type Phase = "found" | "arming" | "running" | "stopped" | "lost" | "ended";

export interface SessionView {
  readonly id: string;
  readonly name: string;
  readonly debugType: string;
  readonly phase: Phase;
  /** One sentence on the phase; for "found" and "lost" what to do next. */
  readonly message: string;
  /** Whether memory is armed now; `armed` stays to tell of an earlier arming. */
  readonly isArmed: boolean;
  readonly pid?: number;
  readonly armed?: {
    readonly mappings: number;
    readonly pages: number;
    readonly microseconds: number;
    /** Memory that could not or should not be armed, with the reason and, where there is one, the remedy. */
    readonly notArmed: readonly {
      readonly start: number;
      readonly end: number;
      readonly name: string;
      readonly reason: string;
    }[];
  };
}

/** One row of the map: a mapping as the panel shows it. Pages, [start, end). */
export interface MappingRow {
  readonly start: number;
  readonly end: number;
  readonly permissions: string;
  /** Full name: a path, "[heap]", "" for nameless memory. */
  readonly name: string;
  readonly kind: MappingKind;
  /** "complete" and "populated" are the two ways of arming; "no": not armed, `reason` says why. */
  readonly armed: "complete" | "populated" | "no";
  readonly reason?: string;
}

export interface StepView {
  readonly number: number;
  readonly from?: SourceLocation;
  readonly to?: SourceLocation;
  readonly pages: number;
  /** "2 heap, 1 stack". */
  readonly summary: string;
  /** Runs of page numbers: [start, end) pairs, sorted and disjoint. */
  readonly written: Float64Array;
  readonly debugger: Float64Array;
  /** Pages given back to the kernel. */
  readonly discarded: number;
  readonly notes: readonly PageNote[];
  readonly created: number;
  readonly removed: number;
  readonly scanMicroseconds: number;
  readonly shared: boolean;
}

/** A scan of a process that arms and changes nothing: every populated page by its categories. */
export interface SnapshotView {
  readonly title: string;
  readonly pid: number;
  readonly rows: readonly MappingRow[];
  /** Runs of page numbers, [start, end) pairs; run i has the Category bits `categories[i]`. */
  readonly runs: Float64Array;
  readonly categories: Uint16Array;
  readonly microseconds: number;
}

export type ToPage =
  /** All live sessions and the one shown; `shown` absent: none, the page shows its empty state. */
  | { readonly type: "sessions"; readonly sessions: readonly SessionView[]; readonly shown?: string }
  /** The mappings of the shown session, with its populated pages as runs. */
  | { readonly type: "mappings"; readonly rows: readonly MappingRow[]; readonly resident: Float64Array }
  /** Replaces all steps (the shown session changed, or was reset: then it is empty). */
  | { readonly type: "steps"; readonly steps: readonly StepView[] }
  /** One more step; it becomes the selected one. */
  | { readonly type: "step"; readonly step: StepView }
  | { readonly type: "select"; readonly step: number }
  /** Shows a process scan instead of the session until `closeSnapshot`. */
  | { readonly type: "snapshot"; readonly snapshot: SnapshotView }
  /** Why native programs can't be watched on this computer, in a sentence or two; simulated ones can, anywhere. */
  | { readonly type: "missing"; readonly why: string }
  /** Something went wrong: shown in a dismissable line, read out by screen readers. */
  | { readonly type: "problem"; readonly message: string };

/** The panel's buttons; each is also a command of the extension with the same name behind "writewatch.". */
export type PanelCommand =
  | "arm"
  | "disarm"
  | "scanNow"
  | "reset"
  | "exportSteps"
  | "scanProcess"
  | "openSimulatedProgram";

export type ToHost =
  /** The page listens; the host answers with the whole state. */
  | { readonly type: "ready" }
  | { readonly type: "command"; readonly command: PanelCommand }
  /** The user chose another session to show. */
  | { readonly type: "show"; readonly session: string }
  /** The user selected a step: the host reveals its source line. */
  | { readonly type: "select"; readonly step: number }
  | { readonly type: "saveSnapshot" }
  | { readonly type: "closeSnapshot" }
  /** The first frame that shows the step was painted; `milliseconds` from the message's arrival to the frame. For measurements. */
  | { readonly type: "painted"; readonly step: number; readonly milliseconds: number };

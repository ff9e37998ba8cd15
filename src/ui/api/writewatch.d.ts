// What WriteWatch offers to other extensions. Copy this file, or take it from the installed extension (src/ui/api/writewatch.d.ts).
//
//     const extension = vscode.extensions.getExtension<WriteWatchExports>("writewatch.writewatch");
//     const api = (await extension?.activate())?.getApi(1);
//     api?.onDidTellStep(({ session, step }) => console.log(session.name, step.written));
//
// All that it gives is plain data, frozen, and the caller's own. Addresses are "0x…" text, ranges half-open, as in the lines that the
// trace command and exports write. Where it takes an address it takes that text or a number.

import type { CancellationToken, Event } from "vscode";

export interface WriteWatchExports {
  /** The newest version that {@link getApi} gives. */
  readonly apiVersion: 1;
  /** @throws {Error} this WriteWatch has no such version, with those it has. */
  getApi(version: 1): WriteWatch;
}

export interface WriteWatch {
  readonly version: 1;
  /** The debug sessions of this window, the oldest first; some that have ended are among them. */
  readonly sessions: readonly Session[];
  /** By VS Code's `DebugSession.id`. */
  session(id: string): Session | undefined;
  /** A session came, went, or anything of its state has changed. */
  readonly onDidChangeSession: Event<Session>;
  /** A step was told. The same number comes again as more is known of it, until it is `settled`; changed bytes come last. */
  readonly onDidTellStep: Event<{ readonly session: Session; readonly step: Step }>;
  /** A store into a watch stopped the program, or was told of. */
  readonly onDidStopAtWrite: Event<{ readonly session: Session; readonly hit: Hit }>;
  /** What is watched by Stop at Write, in every session of the window. */
  readonly watches: readonly Watch[];
  /**
   * Stops at writes to an expression, to addresses ("0x1000..0x2000", "0x1000+64"), or to mappings ("kind:heap", "name:libfoo.so*").
   * It stands in the window's list, and is kept with the workspace.
   * @throws {Error} it names nothing that can be watched. Where the present session can't watch it, `problem` says why.
   */
  addWatch(target: string, options?: { readonly log?: boolean }): Promise<AddedWatch>;
  /** @returns whether there was one. */
  removeWatch(id: string): Promise<boolean>;
  /** A process's pages by category; arms and changes nothing. @throws {Error} it can't be scanned, and why. */
  scanProcess(processId: number, token?: CancellationToken): Promise<ProcessScan>;
}

/** One debug session. The object is the same one as long as the session is known; its fields tell of now. */
export interface Session {
  /** VS Code's `DebugSession.id`. */
  readonly id: string;
  readonly name: string;
  /** The launch configuration's type. */
  readonly debugType: string;
  readonly processId: number | undefined;
  readonly program: "starting" | "running" | "stopped" | "ended";
  /** "lost": it was armed, and nobody disarmed it. */
  readonly memory: "unarmed" | "arming" | "armed" | "lost";
  /** How things stand, in a sentence for people. */
  readonly message: string;
  /** Numbers of the steps that are kept, ascending; the oldest are forgotten when there are many. */
  readonly stepNumbers: readonly number[];
  /** @returns undefined where it is not kept (any more). */
  step(number: number): Step | undefined;
  /** Arms the stopped program. @throws {Error} with what was tried and what to do; nothing is armed then. */
  arm(token?: CancellationToken): Promise<void>;
  disarm(): Promise<void>;
  /** Tells what was written since the last stop as a step of its own. @throws {Error} the program is not stopped, or not armed. */
  scan(): Promise<Step>;
  /**
   * The steps that wrote any of the bytes from an address on, the newest first. Where the bytes are known, those that changed them.
   * @param length bytes, 1 where left out. @param most 20 where left out.
   */
  whoWrote(address: string | number, length?: number, most?: number): readonly Writer[];
}

/** A run of pages in one mapping. */
export interface PageRange {
  readonly start: string;
  readonly end: string;
  readonly pages: number;
  readonly mapping: string;
  /** Why they are not, or not surely, the program's own stores: "rseq", "new mapping", "read or written". */
  readonly note?: string;
}

export interface Place {
  readonly source?: string;
  /** From 1; 0 where the debugger knows none. */
  readonly line: number;
  readonly function: string;
}

/** What ran between two stops, and what it wrote. */
export interface Step {
  readonly number: number;
  readonly from: Place | null;
  readonly to: Place | null;
  /** What let the program go: a DAP request's name, "run" or "scan". */
  readonly by: string;
  /** How many stops it spans. */
  readonly stops: number;
  /** Pages written. */
  readonly pages: number;
  readonly written: readonly PageRange[];
  /** Written by the debugger while the program stood at the step's beginning. */
  readonly debugger: readonly PageRange[];
  /** Given back to the kernel, and not stored to since. */
  readonly discarded: readonly PageRange[];
  readonly created: readonly PageRange[];
  readonly removed: readonly PageRange[];
  /** Why some of it may not be the program's doing in just this step. */
  readonly doubts: readonly string[];
  /** Whether all is known that will be, but for the bytes. */
  readonly settled: boolean;
  /** The changed bytes; absent before they are known, and where nobody asked for them. */
  readonly changed?: readonly Change[];
}

/** A run of changed bytes: hexadecimal text, two digits a byte. */
export interface Change {
  readonly address: string;
  /** null where it is not known, with `why`; the run is the whole page then. */
  readonly before: string | null;
  readonly after: string | null;
  /** What they are called. */
  readonly name?: string;
  readonly why?: string;
  /** Changes of earlier steps may be among them. */
  readonly joined?: true;
  /** Some of it may be the debugger's doing. */
  readonly mixed?: true;
}

export interface Writer {
  readonly step: number;
  readonly from: Place | null;
  /** What it changed of the bytes asked for; absent where only the page is known to be written. */
  readonly changes?: readonly { readonly address: string; readonly before: string; readonly after: string }[];
}

export interface Watch {
  readonly id: string;
  /** As {@link WriteWatch.addWatch} takes it. */
  readonly target: string;
  readonly enabled: boolean;
}

export interface AddedWatch extends Watch {
  /** Why the present session does not watch it. */
  readonly problem?: string;
}

export interface Hit {
  /** Of the watch. */
  readonly watch: string;
  readonly address: string;
  readonly by: "store" | "system call" | "another process" | "unknown";
  readonly place: Place | null;
  /** Whether the program stands before the store; else it is done. */
  readonly isBefore: boolean;
  /** One sentence. */
  readonly words: string;
}

export interface ProcessScan {
  readonly processId: number;
  readonly mappings: readonly {
    readonly start: string;
    readonly end: string;
    readonly permissions: string;
    readonly name: string;
  }[];
  readonly regions: readonly {
    readonly start: string;
    readonly end: string;
    readonly pages: number;
    /** "PRESENT", "FILE", "SWAPPED", … */
    readonly categories: readonly string[];
    readonly mapping: string;
  }[];
}

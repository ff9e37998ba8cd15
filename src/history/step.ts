// A step: what ran between two stops, and what it wrote.
import type { Mapping } from "../memory/mapping.ts";
import type { PageNote } from "../memory/page-note.ts";
import type { PageSet } from "../memory/page-set.ts";

export interface SourceLocation {
  /** Path of the source file; absent where the debugger knows none. */
  readonly source?: string;
  /** 1-based; 0 where the debugger knows none. */
  readonly line: number;
  readonly function: string;
}

export interface Step {
  /** 1 for the first step after arming. */
  readonly number: number;
  /** Where the program stood when the step began; absent where the debugger could not say. */
  readonly from?: SourceLocation;
  readonly to?: SourceLocation;
  /** Pages the program wrote. */
  readonly written: PageSet;
  /** Pages written between the step's start and its end by the debugger, on the user's behalf or ours. */
  readonly debugger: PageSet;
  /** Pages given back to the kernel (MADV_DONTNEED, the stack of a thread that ended): they read as zeroes now. */
  readonly discarded: PageSet;
  readonly created: readonly Mapping[];
  readonly removed: readonly Mapping[];
  readonly notes: readonly PageNote[];
  /** All mappings at the step's end; the same array as the step's before where nothing changed. */
  readonly mappings: readonly Mapping[];
  readonly scanMicroseconds: number;
  /** The program ran on before the debugger's writes were told apart: some of `written` may be the debugger's. */
  readonly shared: boolean;
}

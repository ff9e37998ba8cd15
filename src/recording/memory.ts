// What a recording can be asked of its memory beside its steps: the newest bytes of pages, and what addresses are called.
import type { Changes } from "../memory/contents/changes.ts";
import type { NamedRange } from "../names/name.ts";
import type { TypeTable } from "../names/types/type.ts";

export interface NewestBytes {
  /** Of each page that was asked for its bytes after the last step that has told its contents; undefined where they are not known. */
  readonly pages: readonly (Uint8Array | undefined)[];
  /** Of each page without such a copy its bytes as the program stands now; undefined where it runs, or they are not in memory. */
  readonly present: readonly (Uint8Array | undefined)[];
  /** What the debugger has changed since that step: the bytes have it. */
  readonly since: Changes;
}

/** Of a process that is watched, or of a file that has copies of pages. */
export interface RecordedMemory {
  /** @param pages page numbers. @returns undefined where none can be told now: the program runs. */
  newest(pages: readonly number[]): Promise<NewestBytes | undefined>;
  /**
   * What bytes [start, end) are called now, cut where names end; undefined where that can't be told now.
   * @param most names at most.
   */
  names?(start: number, end: number, most: number): Promise<RangeNames | undefined>;
}

export interface RangeNames {
  readonly pieces: readonly NamedRange[];
  /** What the names' types refer to. */
  readonly types: TypeTable;
}

// Notes on pages that a step reports.

/** Why some reported pages are not the program's own stores, or how sure the report is. */
export interface PageNote {
  readonly start: number;
  readonly end: number;
  readonly note: PageNoteKind;
  /**
   * With "rseq": whether no byte of the page but the kernel's own changed since the page was last looked at; false where the
   * program wrote there, too, and absent where that is not known.
   */
  readonly onlyKernel?: boolean;
}

export type PageNoteKind =
  /** Holds a thread control block: the kernel updates the rseq area there whenever the thread is scheduled. */
  | "rseq"
  /** In a mapping that came during the step: every page populated in it counts as written. */
  | "new mapping"
  /** In a mapping armed by its populated pages only, of shared memory: read and written can't be told apart. */
  | "read or written";

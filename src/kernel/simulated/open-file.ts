// What a descriptor refers to (struct file), of those kinds that memory calls know.
import type { AddressSpace } from "./address-space.ts";
import type { MemoryFile } from "./memory-file.ts";
import type { UserfaultfdContext } from "./userfaultfd-context.ts";

/** An open file whose pages can be mapped. */
export interface OpenFile {
  readonly kind: "file";
  readonly file: MemoryFile;
  readonly isWritable: boolean;
}

export interface OpenUserfaultfd {
  readonly kind: "userfaultfd";
  readonly context: UserfaultfdContext;
  /** Whether reading never waits (O_NONBLOCK). */
  readonly isNonblocking: boolean;
}

/** /proc/PID/pagemap, of the memory that the process had when it was opened. */
export interface OpenPagemap {
  readonly kind: "pagemap";
  readonly mm: AddressSpace;
}

/** /proc/PID/maps, likewise. */
export interface OpenMaps {
  readonly kind: "maps";
  readonly mm: AddressSpace;
}

export type Description = OpenFile | OpenUserfaultfd | OpenPagemap | OpenMaps;

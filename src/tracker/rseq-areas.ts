// Where in a thread's memory the kernel writes on its own account (rseq), as the process's C library says it.
import type { Mapping } from "../memory/mapping.ts";
import { PAGE_SIZE } from "../memory/page.ts";
import { type MemoryReader, symbolIn } from "./loaded-symbol.ts";

/** A thread's rseq area. */
export interface RseqArea {
  /** From the thread's pointer (fs_base), bytes; negative below it. */
  readonly offset: number;
  readonly bytes: number;
}

/** The area's first version (include/uapi/linux/rseq.h); later ones are larger, in steps of as much. */
const AREA_BYTES = 32;
/** More are no area's: what is read there is the process's, which may write what it likes. */
const MOST_BYTES = PAGE_SIZE;
const MOST_OFFSET = 2 ** 40;

/**
 * Where struct pthread holds the area in glibc: 2.36, and 2.35 to 2.39 otherwise. From 2.40 on it lies among the thread-local variables,
 * below the thread's pointer, and in each program elsewhere.
 */
const IN_BLOCK: readonly RseqArea[] = [0x920, 0x9a0].map(offset => ({ offset, bytes: AREA_BYTES }));

const NONE: readonly RseqArea[] = [];

/** glibc's loader, which exports the place, and musl's, which is its C library, too. */
const LOADER = /\/(?:ld-[^/]*\.so[^/]*|libc\.so)(?: \(deleted\))?$/;

/** One for each memory of a process. */
export class RseqAreas {
  /** What holds for good. */
  private certain: readonly RseqArea[] | undefined;
  private symbols: { readonly offset: number; readonly size: number } | undefined;

  /**
   * Where each thread's area lies: one place, or none where none is registered, or several possible ones where a statically linked
   * program can't be asked.
   * @param mappings of now; @param read what is in memory.
   */
  look(mappings: readonly Mapping[], read: MemoryReader): readonly RseqArea[] {
    if (this.certain) return this.certain;
    this.symbols ??= this.findSymbols(mappings, read);
    if (this.certain) return this.certain;
    const size = this.symbols && read(this.symbols.size, 4)?.getUint32(0, true);
    const offset = this.symbols && read(this.symbols.offset, 8)?.getBigInt64(0, true);
    if (size === undefined || offset === undefined) return IN_BLOCK;
    // Before the loader has registered the first thread's, or with the tunable glibc.pthread.rseq=0.
    if (size === 0 || size > MOST_BYTES || Math.abs(Number(offset)) > MOST_OFFSET) return NONE;
    this.certain = [{ offset: Number(offset), bytes: Math.ceil(size / AREA_BYTES) * AREA_BYTES }];
    return this.certain;
  }

  private findSymbols(mappings: readonly Mapping[], read: MemoryReader): typeof this.symbols {
    const loaders = mappings.filter(({ inode, offset, name }) => inode !== 0 && offset === 0 && LOADER.test(name));
    let isKnown = true;
    for (const { start } of loaders) {
      const [offset, size] = ["__rseq_offset", "__rseq_size"].map(name => symbolIn(start * PAGE_SIZE, name, read));
      if (typeof offset === "number" && typeof size === "number") return { offset, size };
      if (offset === "not in memory" || size === "not in memory") isKnown = false;
    }
    // musl, and glibc before 2.35, register no areas.
    if (isKnown) this.certain = loaders.length > 0 ? NONE : IN_BLOCK;
    return undefined;
  }
}

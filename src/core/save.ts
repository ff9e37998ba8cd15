// Saves a process's used memory as an ELF core file, a piece at a time.
import { Cancelled } from "../common/deadline.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { RegionVector } from "../kernel/region-vector.ts";
import { Category } from "../memory/category.ts";
import type { Mapping } from "../memory/mapping.ts";
import { addressOf, PAGE_SIZE, USER_PAGES_END } from "../memory/page.ts";
import type { PageSet } from "../memory/page-set.ts";
import { knownCategories, scanRegions } from "../tracker/scans.ts";
import { type Identity, layOut } from "./layout.ts";
import { type CoreProcess, processNotes } from "./notes.ts";
import { type FilePages, type Piece, planPieces, storedPages } from "./pieces.ts";
import { type CoreSink, writePages } from "./sink.ts";

export interface SaveOptions {
  readonly files: FilePages;
  readonly identity: Omit<Identity, "pid">;
  /** Pages that are as in the file that it follows on; absent: a full core. */
  readonly unchanged?: PageSet | undefined;
  /** Bytes of pages written, of so many; told now and then. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Lets others in, a cancellation among them. */
  readonly turn: () => Promise<void>;
}

export interface SavedCore {
  /** Bytes of the file, holes included, and of the pages in it. */
  readonly size: number;
  readonly pageBytes: number;
  /** Pages left to the file before. */
  readonly inheritedPages: number;
  /** Pages that could not be read and stand as zeroes. */
  readonly unreadablePages: number;
  /** The pages that it tells, by itself or by the files before. */
  readonly stored: PageSet;
}

/** Pages read at once: 4 MiB. */
const AT_ONCE = 1024;

/**
 * @param process what is told of it beside its memory; its threads should stand until this is done.
 * @throws {KernelError} ESRCH where it has ended meanwhile, EPERM; {Cancelled}; as the sink does.
 */
export async function saveCore(
  kernel: Kernel,
  process: CoreProcess,
  sink: CoreSink,
  options: SaveOptions,
): Promise<SavedCore> {
  const { pid } = process;
  const { mappings, pieces } = look(kernel, pid, options);
  const layout = layOut(pieces, processNotes(process, mappings), { ...options.identity, pid });
  await sink.write(layout.head);
  await sink.skip(layout.gap);
  const all = pagesOf(pieces.filter(({ kind }) => kind === "bytes"));
  const buffer = new Uint8Array(addressOf(Math.min(AT_ONCE, all)));
  let done = 0;
  let unreadablePages = 0;
  for (const batch of batches(layout.contents)) {
    if (options.signal?.aborted) throw new Cancelled();
    const read = batch.filter(({ kind }) => kind === "bytes");
    const bytes = buffer.subarray(0, addressOf(pagesOf(read)));
    unreadablePages += readRuns(kernel, pid, Float64Array.from(read.flatMap(({ start, end }) => [start, end])), bytes);
    let at = 0;
    for (const { start, end, kind } of batch) {
      const size = addressOf(end - start);
      if (kind === "bytes") {
        await writePages(sink, bytes.subarray(at, at + size));
        at += size;
      } else await sink.skip(size);
    }
    done += bytes.length;
    options.onProgress?.(done, addressOf(all));
    await options.turn();
  }
  return {
    size: layout.size,
    pageBytes: addressOf(all),
    inheritedPages: pagesOf(pieces.filter(({ kind }) => kind === "inherited")),
    unreadablePages,
    stored: storedPages(pieces),
  };
}

const { WPALLOWED, FILE, PRESENT, SWAPPED, PFNZERO, GUARD } = Category;

function look(
  kernel: Kernel,
  pid: number,
  { files, unchanged }: SaveOptions,
): { readonly mappings: readonly Mapping[]; readonly pieces: readonly Piece[] } {
  const pagemap = kernel.openPagemap(pid);
  try {
    const mappings = kernel.mappings(pid);
    const returned = knownCategories(pagemap, WPALLOWED | FILE | PRESENT | SWAPPED | PFNZERO | GUARD);
    const masks = { flags: 0, inverted: 0, required: 0, anyOf: PRESENT | SWAPPED, returned };
    const runs: number[] = [];
    const categories: number[] = [];
    scanRegions(pagemap, masks, 0, USER_PAGES_END, new RegionVector(1 << 14), (start, end, bits) => {
      runs.push(start, end);
      categories.push(bits);
    });
    return {
      mappings,
      pieces: planPieces(mappings, { runs, categories }, { files, unchanged, hasSwap: kernel.hasSwap(pid) }),
    };
  } finally {
    pagemap.close();
  }
}

function pagesOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The pieces, as many at a time as are read at once. */
function* batches(pieces: readonly Piece[]): Generator<readonly Piece[]> {
  let batch: Piece[] = [];
  let room = AT_ONCE;
  for (const piece of pieces) {
    if (piece.kind !== "bytes") {
      batch.push(piece);
      continue;
    }
    for (let page = piece.start; page < piece.end; ) {
      const next = Math.min(piece.end, page + room);
      batch.push({ ...piece, start: page, end: next });
      room -= next - page;
      page = next;
      if (room > 0) continue;
      yield batch;
      batch = [];
      room = AT_ONCE;
    }
  }
  if (batch.length > 0) yield batch;
}

/** @returns how many pages could not be read; they are zeroes in `into`. @throws {KernelError} the process is gone. */
function readRuns(kernel: Kernel, pid: number, runs: Float64Array, into: Uint8Array): number {
  if (attempt(() => kernel.readPages(pid, runs, into)) === into.length) return 0;
  let at = 0;
  let unreadable = 0;
  for (let i = 0; i < runs.length; i += 2) {
    for (let page = runs[i]; page < runs[i + 1]; page += 1) {
      const bytes = into.subarray(at, at + PAGE_SIZE);
      at += PAGE_SIZE;
      const run = Float64Array.of(page, page + 1);
      const read = attempt(() => kernel.readPages(pid, run, bytes)) || (kernel.readProtected?.(pid, page, bytes) ?? 0);
      if (read === PAGE_SIZE) continue;
      bytes.fill(0);
      unreadable += 1;
    }
  }
  // Of a process that has ended nothing can be read, and no page of it alone is to blame.
  if (unreadable > 0 && !kernel.isAlive(pid)) kernel.openPagemap(pid).close();
  return unreadable;
}

/** @returns 0 where it fails for a page's sake. @throws {KernelError} the process is gone, or not ours to read. */
function attempt(read: () => number): number {
  try {
    return read();
  } catch (error) {
    if (error instanceof KernelError && (error.code === "EFAULT" || error.code === "EIO")) return 0;
    throw error;
  }
}

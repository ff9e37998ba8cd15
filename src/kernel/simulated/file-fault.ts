// Faults in mappings of files (mm/memory.c, mm/filemap.c): pages of the file, copies of them, and neighbours that are there anyway.
import type { AddressSpace } from "./address-space.ts";
import { Entry, TABLE_PAGES } from "./entry.ts";
import { install } from "./entry-frames.ts";
import type { MemoryFile } from "./memory-file.ts";
import { LeafTable, regionOf } from "./page-table.ts";
import { type Vma, VmFlag } from "./vma.ts";

/** Pages mapped along with the one that was read, of a file's pages in memory (fault_around_bytes). */
const FAULT_AROUND = 16;

/**
 * do_read_fault, do_cow_fault, do_shared_fault.
 * @returns false beyond the file's end.
 */
export function fillFromFile(
  mm: AddressSpace,
  vma: Vma,
  file: MemoryFile,
  page: number,
  isWrite: boolean,
  kept: number,
): boolean {
  if (isWrite && !vma.has(VmFlag.SHARED)) mm.vmas.prepareAnon(vma);
  if (!isWrite && mayFaultAround(vma) && faultAround(mm, vma, file, page)) return true;
  const [first, end] = readWindow(mm, vma, page);
  // After a read from disk the fault begins anew, and finds more in memory.
  if (file.readAround(vma.fileIndex(page), first, end, mm.frames, mm.machine.swap)) return true;
  const frame = file.page(vma.fileIndex(page), mm.frames, mm.machine.swap);
  // No table is made for a page that the file does not have.
  if (frame === undefined) return false;
  const table = mm.table.leaf(regionOf(page));
  const index = page % TABLE_PAGES;
  if (isWrite && !vma.has(VmFlag.SHARED)) {
    const copy = mm.frames.allocate();
    mm.frames.copy(frame, copy);
    install(mm, table, index, copy, Entry.ANON | Entry.SOFT_DIRTY | kept);
    return true;
  }
  install(mm, table, index, frame, kept | (isWrite ? Entry.SOFT_DIRTY : 0));
  return true;
}

/** Pages of the file that are read together with the one behind `page` (do_sync_mmap_readahead): around it, but of code only what follows, where the kernel knows that. */
function readWindow({ machine }: AddressSpace, vma: Vma, page: number): [number, number] {
  const { readAroundPages: pages, profile } = machine;
  const index = vma.fileIndex(page);
  if (vma.has(VmFlag.RAND_READ)) return [index, index + 1];
  if (vma.has(VmFlag.EXEC) && profile.codeReadAhead) return [index, Math.min(index + pages, vma.fileIndex(vma.end))];
  const first = Math.max(0, index - pages / 2);
  return [first, first + pages];
}

/** Not where a userfaultfd watches: the neighbours' faults are its concern (uffd_disable_fault_around). */
function mayFaultAround(vma: Vma): boolean {
  return !vma.has(VmFlag.UFFD_WP | VmFlag.UFFD_MINOR);
}

/**
 * Maps a page read and those neighbours that the file has in memory and that nothing stands for yet (do_fault_around); the neighbours
 * also where the file ends before the page.
 * @returns whether the page itself was among them.
 */
function faultAround(mm: AddressSpace, vma: Vma, file: MemoryFile, page: number): boolean {
  const region = regionOf(page);
  const index = page - region * TABLE_PAGES;
  const there = mm.table.get(region);
  let table = there instanceof LeafTable ? there : undefined;
  const from = Math.max(index - (index % FAULT_AROUND), index - Math.min(index, page - vma.start));
  const to = Math.min(from + FAULT_AROUND, TABLE_PAGES, index + (vma.end - page));
  // Where there is no table yet, a window that begins with the file's last page gets none (filemap_map_pages).
  const firstIndex = vma.fileIndex(page + (from - index));
  if (!table && !file.inMemory && firstIndex >= file.endPage - 1) return false;
  for (let i = from; i < to; i += 1) {
    if (table && table.flags[i] !== 0) continue;
    const fileIndex = vma.fileIndex(page + (i - index));
    if (fileIndex >= file.endPage) break;
    const frame = file.cachedPage(fileIndex, mm.frames, mm.machine.swap);
    if (frame === undefined) continue;
    table ??= mm.table.leaf(region);
    install(mm, table, i, frame, 0);
  }
  return table !== undefined && (table.flags[index] & Entry.PRESENT) !== 0;
}

// What is mapped, in the words of /proc/PID/maps and PROCMAP_QUERY (fs/proc/task_mmu.c).
import type { Mapping } from "../../memory/mapping.ts";
import { PAGE_SIZE, pageOf } from "../../memory/page.ts";
import { ProcmapQuery } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { TABLE_PAGES } from "./entry.ts";
import { type Vma, VmFlag } from "./vma.ts";

/** All mappings in address order, as maps lists them. */
export function listMappings(mm: AddressSpace): Mapping[] {
  return mm.vmas.areas.map(vma => ({
    start: vma.start,
    end: vma.end,
    permissions: permissions(vma),
    offset: vma.file ? vma.offset * PAGE_SIZE : 0,
    device: vma.file?.device ?? "00:00",
    inode: vma.file?.inode ?? 0,
    name: nameOf(mm, vma),
  }));
}

function permissions(vma: Vma): string {
  return [
    vma.has(VmFlag.READ) ? "r" : "-",
    vma.has(VmFlag.WRITE) ? "w" : "-",
    vma.has(VmFlag.EXEC) ? "x" : "-",
    vma.has(VmFlag.MAYSHARE) ? "s" : "p",
  ].join("");
}

function nameOf(mm: AddressSpace, vma: Vma): string {
  if (vma.name) return vma.name;
  if (vma.file) return vma.file.path;
  const bytesStart = vma.start * PAGE_SIZE;
  const bytesEnd = vma.end * PAGE_SIZE;
  if (bytesStart < mm.brk && bytesEnd > mm.startBrk) return "[heap]";
  const stack = pageOf(mm.startStack);
  return vma.start <= stack && stack < vma.end ? "[stack]" : "";
}

const { WORD, QUERY } = ProcmapQuery;

/** PROCMAP_QUERY without names and build IDs. @param words struct procmap_query, in and out. */
export function queryMapping(mm: AddressSpace, words: BigUint64Array | undefined): number {
  if (!mm.machine.profile.mappingQuery) return -Errno.ENOTTY;
  if (!words) return -Errno.EFAULT;
  if (!mm.isAlive) return -Errno.ESRCH;
  if (words[WORD.SIZE] > BigInt(PAGE_SIZE)) return -Errno.E2BIG;
  if (words[WORD.SIZE] < 24n) return -Errno.EINVAL;
  // What a later kernel's struct has behind ours must be zero (copy_struct_from_user).
  const behind = words.subarray(ProcmapQuery.SIZE / 8, Number(words[WORD.SIZE]) / 8);
  if (behind.some(word => word !== 0n)) return -Errno.E2BIG;
  const flags = Number(words[WORD.FLAGS]);
  if (flags & ~QUERY.ALL) return -Errno.EINVAL;
  const page = Number(words[WORD.ADDRESS] >> 12n);
  const vma = findQueried(mm, page, flags);
  if (!vma) return -Errno.ENOENT;
  words[WORD.START] = BigInt(vma.start * PAGE_SIZE);
  words[WORD.END] = BigInt(vma.end * PAGE_SIZE);
  words[WORD.VMA_FLAGS] = BigInt(
    (vma.has(VmFlag.READ) ? QUERY.READABLE : 0) |
      (vma.has(VmFlag.WRITE) ? QUERY.WRITABLE : 0) |
      (vma.has(VmFlag.EXEC) ? QUERY.EXECUTABLE : 0) |
      (vma.has(VmFlag.MAYSHARE) ? QUERY.SHARED : 0),
  );
  words[WORD.PAGE_SIZE] = BigInt(vma.isHugetlb ? TABLE_PAGES * PAGE_SIZE : PAGE_SIZE);
  words[WORD.OFFSET] = vma.file ? BigInt(vma.offset * PAGE_SIZE) : 0n;
  words[WORD.INODE] = BigInt(vma.file?.inode ?? 0);
  return 0;
}

/** query_matching_vma. */
function findQueried(mm: AddressSpace, page: number, flags: number): Vma | undefined {
  for (let index = mm.vmas.indexAfter(page); index < mm.vmas.areas.length; index += 1) {
    const vma = mm.vmas.areas[index];
    const covers = vma.start <= page;
    if (!covers && !(flags & QUERY.COVERING_OR_NEXT)) return undefined;
    const allowed =
      (!(flags & QUERY.READABLE) || vma.has(VmFlag.READ)) &&
      (!(flags & QUERY.WRITABLE) || vma.has(VmFlag.WRITE)) &&
      (!(flags & QUERY.EXECUTABLE) || vma.has(VmFlag.EXEC)) &&
      (!(flags & QUERY.SHARED) || vma.has(VmFlag.MAYSHARE)) &&
      (!(flags & QUERY.FILE_BACKED) || vma.file !== undefined);
    if (allowed) return vma;
    if (!(flags & QUERY.COVERING_OR_NEXT)) return undefined;
  }
  return undefined;
}

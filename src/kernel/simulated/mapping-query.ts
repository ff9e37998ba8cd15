// What is mapped, in the words of /proc/PID/maps and PROCMAP_QUERY (fs/proc/task_mmu.c).
import type { Mapping } from "../../memory/mapping.ts";
import { PAGE_SIZE, pageOf } from "../../memory/page.ts";
import { ProcmapQuery } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { TABLE_PAGES } from "./entry.ts";
import { readWords, type UserStruct } from "./user-struct.ts";
import { type Vma, VmFlag } from "./vma.ts";
import type { Resumable } from "./work.ts";

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

/** PROCMAP_QUERY of a /proc/PID/maps, without names and build IDs. @param struct struct procmap_query, in and out. */
export function* queryMapping(mm: AddressSpace, struct: UserStruct): Resumable<number> {
  const size = (yield* readWords(struct, 1))?.[0];
  if (size === undefined) return -Errno.EFAULT;
  if (size > BigInt(PAGE_SIZE)) return -Errno.E2BIG;
  if (size < 24n) return -Errno.EINVAL;
  const given = yield* struct.read(0, Number(size));
  if (!given) return -Errno.EFAULT;
  // What a later kernel's struct has behind ours must be zero (copy_struct_from_user).
  if (given.subarray(ProcmapQuery.SIZE).some(byte => byte !== 0)) return -Errno.E2BIG;
  const bytes = new Uint8Array(ProcmapQuery.SIZE);
  bytes.set(given.subarray(0, ProcmapQuery.SIZE));
  const words = new BigUint64Array(bytes.buffer);
  const flags = Number(words[WORD.FLAGS]);
  if (flags & ~QUERY.ALL) return -Errno.EINVAL;
  if (!mm.isAlive) return -Errno.ESRCH;
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
  return (yield* struct.write(0, bytes.subarray(0, given.length))) ? 0 : -Errno.EFAULT;
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

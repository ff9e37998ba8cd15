// mprotect (mm/mprotect.c).
import { Protection } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { alignUp, isAligned, toPage, wrappingSum } from "./arguments.ts";
import { accessFlags } from "./map.ts";
import { populate } from "./populate.ts";
import { splitHugeAtEdges } from "./protect.ts";
import { ACCESS, type Vma, VmFlag } from "./vma.ts";
import type { Resumable } from "./work.ts";

const KNOWN = Protection.READ | Protection.WRITE | Protection.EXEC | 8;

export function* mprotect(mm: AddressSpace, address: bigint, length: bigint, protection: number): Resumable<number> {
  const grows = protection & (Protection.GROWSDOWN | Protection.GROWSUP);
  const wanted = protection & ~grows;
  if (grows === (Protection.GROWSDOWN | Protection.GROWSUP) || !isAligned(address)) return -Errno.EINVAL;
  if (length === 0n) return 0;
  const endAddress = wrappingSum(address, alignUp(length));
  if (endAddress <= address) return -Errno.ENOMEM;
  if (wanted & ~KNOWN) return -Errno.EINVAL;
  let start = toPage(address);
  const end = toPage(endAddress);
  const areas = mm.vmas.overlapping(start, end);
  if (areas.length === 0) return -Errno.ENOMEM;
  if (grows & Protection.GROWSDOWN) {
    if (!areas[0].has(VmFlag.GROWSDOWN)) return -Errno.EINVAL;
    start = areas[0].start;
  } else {
    if (areas[0].start > start) return -Errno.ENOMEM;
    if (grows) return -Errno.EINVAL;
  }
  let at = start;
  while (at < end) {
    // Looked up anew: a change may have merged the area before with this one.
    const vma = mm.vmas.at(at);
    if (!vma) return -Errno.ENOMEM;
    const flags = (vma.flags & ~ACCESS) | accessFlags(wanted);
    const may = VmFlag.MAYREAD * Number(vma.has(VmFlag.MAYREAD));
    const allowed =
      (may ? VmFlag.READ : 0) |
      (vma.has(VmFlag.MAYWRITE) ? VmFlag.WRITE : 0) |
      (vma.has(VmFlag.MAYEXEC) ? VmFlag.EXEC : 0);
    if (flags & ACCESS & ~allowed) return -Errno.EACCES;
    const partEnd = Math.min(end, vma.end);
    const refused = yield* changeAccess(mm, vma, at, partEnd, flags);
    if (refused < 0) return refused;
    at = partEnd;
  }
  return 0;
}

/** mprotect_fixup: private memory that may be written is charged to the process, and stays so once it holds pages. */
function* changeAccess(mm: AddressSpace, vma: Vma, start: number, end: number, wanted: number): Resumable<number> {
  if (wanted === vma.flags) return 0;
  if (!vma.canSplitAt(start) || !vma.canSplitAt(end)) return -Errno.EINVAL;
  let flags = wanted;
  if (flags & VmFlag.WRITE) {
    const uncharged = VmFlag.ACCOUNT | VmFlag.WRITE | VmFlag.HUGETLB | VmFlag.SHARED | VmFlag.NORESERVE;
    if (!vma.has(uncharged)) {
      if (end - start > mm.machine.totalPages) return -Errno.ENOMEM;
      flags |= VmFlag.ACCOUNT;
    }
  } else if (vma.has(VmFlag.ACCOUNT) && vma.isAnonymous && !vma.anonVma) {
    flags &= ~VmFlag.ACCOUNT;
  }
  const brings = (vma.flags & (VmFlag.WRITE | VmFlag.SHARED | VmFlag.LOCKED)) === VmFlag.LOCKED;
  const changed = mm.vmas.modify(vma, start, end, { flags });
  splitHugeAtEdges(mm, start, end);
  if (brings && flags & VmFlag.WRITE) yield* populate(mm, changed, start, end);
  return 0;
}

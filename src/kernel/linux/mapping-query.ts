// PROCMAP_QUERY: what /proc/PID/maps does not print about one mapping (fs/proc/task_mmu.c, do_procmap_query).
import { PAGE_SIZE } from "../../memory/page.ts";
import { OpenFlag, ProcmapQuery } from "../abi.ts";
import { KernelError } from "../kernel-error.ts";
import { libc } from "./libc.ts";

/** Bytes in a page of the mapping that holds `page`; undefined before Linux 6.11 and where nothing is mapped. */
export function mappingPageSize(pid: number, page: number): number | undefined {
  const { open, close, ioctl } = libc();
  const words = new BigUint64Array(ProcmapQuery.SIZE / 8);
  words[ProcmapQuery.WORD.SIZE] = BigInt(ProcmapQuery.SIZE);
  words[ProcmapQuery.WORD.ADDRESS] = BigInt(page * PAGE_SIZE);
  try {
    const descriptor = open(`/proc/${pid}/maps`, OpenFlag.RDONLY | OpenFlag.CLOEXEC);
    try {
      ioctl(descriptor, ProcmapQuery.REQUEST, new Uint8Array(words.buffer), "PROCMAP_QUERY", `process ${pid}`);
    } finally {
      close(descriptor);
    }
    return Number(words[ProcmapQuery.WORD.PAGE_SIZE]);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

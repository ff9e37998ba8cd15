// The real kernel, behind the kernel interface.
import { readdirSync, readFileSync } from "node:fs";
import type { Kernel } from "../kernel.ts";
import { mappingPageSize } from "./mapping-query.ts";
import { readMappings } from "./maps.ts";
import { readPages } from "./memory.ts";
import { openPagemap } from "./pagemap.ts";
import { takeUserfaultfd } from "./userfaultfd.ts";

export const linuxKernel: Kernel = {
  backend: "uffd-wp",
  openPagemap,
  takeUserfaultfd,
  mappings: readMappings,
  readPages,
  mappingPageSize,
  threadCount,
  hasSwap,
  isAlive,
};

function hasSwap(): boolean {
  try {
    // A line of headings, then a line a swap area.
    return readFileSync("/proc/swaps", "latin1").trim().split("\n").length > 1;
  } catch {
    return true;
  }
}

function threadCount(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command's name, in brackets, may itself hold spaces and brackets; the state follows the last one.
    return !"ZX".includes(stat.charAt(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

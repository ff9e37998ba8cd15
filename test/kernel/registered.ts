// For tests: what the live kernel says is registered with some userfaultfd.
import { openPagemap } from "../../src/kernel/linux/pagemap.ts";
import { RegionVector } from "../../src/kernel/region-vector.ts";
import { REGISTERED, scanSet } from "../../src/tracker/scans.ts";

/** How many pages of a process are registered. */
export function registeredPages(pid: number): number {
  const pagemap = openPagemap(pid);
  try {
    return scanSet(pagemap, REGISTERED, new RegionVector(1024)).pageCount;
  } finally {
    pagemap.close();
  }
}

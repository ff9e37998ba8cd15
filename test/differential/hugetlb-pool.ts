// The live kernel's pool of huge pages (vm.nr_hugepages), as large as the simulated one's while tests need it.
import { readFileSync, writeFileSync } from "node:fs";
import { Machine } from "../../src/kernel/simulated/machine.ts";

const SETTING = "/proc/sys/vm/nr_hugepages";

/**
 * Fills the pool.
 * @returns what puts it back; undefined where it may not be changed or memory is too scattered for so many.
 */
export function fillHugetlbPool(): (() => void) | undefined {
  const wanted = new Machine().hugetlb.size;
  try {
    const before = readFileSync(SETTING, "utf8");
    const putBack = () => writeFileSync(SETTING, before);
    writeFileSync(SETTING, String(wanted));
    if (Number(readFileSync(SETTING, "utf8")) === wanted) return putBack;
    putBack();
  } catch {
    // Not root, or a kernel without hugetlb.
  }
  return undefined;
}

// Memory that devices may write: they store through references of their own, past the page tables, where no protection sees it.
//
// Told are the buffers registered with an io_uring, by place, and what RDMA and the like have pinned, by its size only: the kernel
// tells no more. Not told is direct I/O in flight at a stop (read(2) of a file opened with O_DIRECT, from another thread): the
// kernel pins its pages for that one call, and lists them nowhere. They are seen where the call begins, as it takes the protection
// off to get at the page, and what the device stores after that stop's scan is not.

import type { DeviceMemory } from "../kernel/kernel.ts";
import { findMapping, type Mapping, shortName } from "../memory/mapping.ts";
import { pageOf } from "../memory/page.ts";
import type { Unseen } from "./reports.ts";

const HUGE_PAGES = 512;

/**
 * What of the memory may change unseen, in address order.
 * @returns besides, how many pages devices certainly hold on to that could not be found.
 */
export function unseenIn(
  { buffers, pinnedPages }: DeviceMemory,
  mappings: readonly Mapping[],
): { unseen: readonly Unseen[]; pinnedElsewhere: number } {
  const unseen = buffers.map(({ address, bytes, descriptor }): Unseen => {
    const start = pageOf(address);
    const mapping = mappings[findMapping(mappings, start)];
    return {
      start,
      end: pageOf(address + bytes - 1) + 1,
      name: mapping ? shortName(mapping) : "unmapped since",
      reason:
        `registered as a buffer of the io_uring with descriptor ${descriptor}: what is read into it is stored by a device or ` +
        "the kernel through a reference of its own, which no page protection sees",
    };
  });
  unseen.sort((a, b) => a.start - b.start || a.end - b.end || (a.reason < b.reason ? -1 : 1));
  // Of a huge page the kernel counts the whole as pinned, however little of it was registered.
  const located = unseen.reduce(
    (pages, { start, end }) => pages + (Math.ceil(end / HUGE_PAGES) - Math.floor(start / HUGE_PAGES)) * HUGE_PAGES,
    0,
  );
  return { unseen, pinnedElsewhere: Math.max(0, pinnedPages - located) };
}

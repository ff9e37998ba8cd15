// Memory that devices may write: they store through references of their own, past the page tables, where no protection sees it.
//
// Told are the buffers registered with an io_uring, by place, and what RDMA and the like have pinned, by its size only: the kernel
// tells no more. Of direct I/O under way at a stop (io_uring, libaio) it tells not even that: the pages are pinned for one request
// and listed nowhere. They are seen where the request begins, as that takes the protection off to get at the page; what the device
// stores after that stop's scan is not. So it is told where it may be: where requests may be under way and a file is open for direct
// I/O. A thread's own read(2) is never under way at a stop, as the debugger waits until each thread stands.

import type { DeviceMemory } from "../kernel/kernel.ts";
import { findMapping, type Mapping, shortName } from "../memory/mapping.ts";
import { pageOf } from "../memory/page.ts";
import type { Layout, Unseen } from "./reports.ts";

const HUGE_PAGES = 512;

/** The name of the mapping that each context of libaio has (fs/aio.c). */
const AIO_RING = "/[aio] (deleted)";
/** Descriptors that are named. */
const MOST_NAMED = 4;

/** What a layout says of it. */
export type UnseenParts = Pick<Layout, "unseen" | "pinnedElsewhere" | "inFlight">;

export const NOTHING_UNSEEN: UnseenParts = { unseen: [], pinnedElsewhere: 0, inFlight: [] };

/**
 * What of the memory may change unseen: places in address order, how many pages devices certainly hold on to besides, and requests
 * that may be under way.
 * @param directFiles as {@link Kernel.directFiles} tells them; asked only where requests may be under way.
 */
export function unseenIn(
  { buffers, pinnedPages, busyRings }: DeviceMemory,
  mappings: readonly Mapping[],
  directFiles: () => readonly number[] | undefined,
): UnseenParts {
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
  return {
    unseen,
    pinnedElsewhere: Math.max(0, pinnedPages - located),
    inFlight: inFlight(busyRings, mappings, directFiles),
  };
}

function inFlight(
  busyRings: readonly number[],
  mappings: readonly Mapping[],
  directFiles: () => readonly number[] | undefined,
): string[] {
  const ways: string[] = [];
  if (busyRings.length > 0) ways.push(`the io_uring with ${descriptors(busyRings)}`);
  if (mappings.some(({ name }) => name === AIO_RING)) ways.push("libaio");
  if (ways.length === 0) return [];
  const files = directFiles();
  if (files?.length === 0) return [];
  return [
    `direct I/O by ${ways.join(" and ")}, on ${files ? `the file with ${descriptors(files)}` : "one of its many files"}`,
  ];
}

/** "descriptor 4", "descriptors 4, 5, 6, 7 and 3 more". */
function descriptors(numbers: readonly number[]): string {
  const named = numbers.slice(0, MOST_NAMED).join(", ");
  const left = numbers.length - MOST_NAMED;
  return `${numbers.length === 1 ? "descriptor" : "descriptors"} ${named}${left > 0 ? ` and ${left} more` : ""}`;
}

// Changing what entries allow, without changing what they hold (mm/mprotect.c, change_protection).
import type { AddressSpace } from "./address-space.ts";
import { Entry, isUffdMarker, TABLE_PAGES, UFFD_MARKER } from "./entry.ts";
import { protectHugetlb } from "./hugetlb.ts";
import type { LeafTable } from "./page-table.ts";
import { usesMarkers } from "./userfaultfd-context.ts";
import type { Vma } from "./vma.ts";
import { AGAIN, bracketed, CONTINUE, walk } from "./walker.ts";

/**
 * Write-protects pages [start, end) of an area for its userfaultfd, or takes the protection away (uffd_wp_range). Where the
 * userfaultfd uses markers, holes get tables and markers.
 */
export function protectForUserfaultfd(
  mm: AddressSpace,
  vma: Vma,
  start: number,
  end: number,
  isProtected: boolean,
): void {
  if (vma.isHugetlb) {
    bracketed(mm.observers, start, end, () => protectHugetlb(mm, start, end, isProtected));
    return;
  }
  const markers = isProtected && usesMarkers(vma);
  walk(
    mm.table,
    start,
    end,
    {
      huge: (entry, region, first, last) => {
        if (last - first !== TABLE_PAGES || (isProtected && !vma.isAnonymous)) {
          mm.table.split(region, entry);
          return AGAIN;
        }
        entry.flags = isProtected ? entry.flags | Entry.UFFD_WP : entry.flags & ~Entry.UFFD_WP;
        return CONTINUE;
      },
      leaf: (table, first, last) => {
        if (isProtected) protectEntries(table, first, last, markers);
        else unprotectEntries(table, first, last);
        return CONTINUE;
      },
    },
    { allocate: markers, observers: mm.observers },
  );
}

function protectEntries({ flags }: LeafTable, first: number, last: number, markers: boolean): void {
  for (let i = first; i < last; i += 1) {
    const entry = flags[i];
    if (entry === 0) {
      if (markers) flags[i] = UFFD_MARKER;
    } else if ((entry & Entry.GUARD) === 0) {
      flags[i] = entry | Entry.UFFD_WP;
    }
  }
}

function unprotectEntries({ flags }: LeafTable, first: number, last: number): void {
  for (let i = first; i < last; i += 1) {
    const entry = flags[i];
    if (isUffdMarker(entry)) flags[i] = 0;
    else if ((entry & Entry.GUARD) === 0) flags[i] = entry & ~Entry.UFFD_WP;
  }
}

/** What mprotect leaves to see in the tables: huge pages that it covers in part are split. */
export function splitHugeAtEdges(mm: AddressSpace, start: number, end: number): void {
  walk(mm.table, start, end, {
    huge: (entry, region, first, last) => {
      if (last - first !== TABLE_PAGES) mm.table.split(region, entry);
      return CONTINUE;
    },
  });
}

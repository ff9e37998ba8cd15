// The mappings behind a file's ranges, where it does not tell them: what lies close together under one name is taken for one mapping.
import type { Mapping } from "../memory/mapping.ts";
import { EMPTY_LAYOUT, type Layout, type NotArmed } from "../tracker/reports.ts";

/** Pages between two ranges of one name that are still taken for the same mapping's. */
const NEAR = 512;

export class SupposedLayout {
  private readonly parts: { readonly start: number; readonly end: number; readonly name: string }[] = [];

  /** Pages [start, end) were in a mapping that was called so. */
  add(start: number, end: number, name: string): void {
    if (name !== "(unmapped)") this.parts.push({ start, end, name });
  }

  layout(notArmed: readonly NotArmed[]): Layout {
    const parts = [...this.parts, ...notArmed].sort((a, b) => a.start - b.start);
    const mappings: Mapping[] = [];
    for (const { start, end, name } of parts) {
      const last = mappings[mappings.length - 1];
      if (last && start < last.end + NEAR && (last.name === nameOf(name) || start < last.end)) {
        mappings[mappings.length - 1] = { ...last, end: Math.max(last.end, end) };
      } else {
        mappings.push(supposed(start, end, name));
      }
    }
    return { ...EMPTY_LAYOUT, mappings, notArmed };
  }
}

function supposed(start: number, end: number, name: string): Mapping {
  const isFile = name.startsWith("/");
  return {
    start,
    end,
    // Nothing but whether it is shared is known, and that only of nameless memory.
    permissions: name === "[shared]" ? "???s" : "???p",
    offset: 0,
    device: isFile ? "??:??" : "00:00",
    inode: isFile ? 1 : 0,
    name: nameOf(name),
  };
}

/** Nameless memory is told by a word in brackets. */
function nameOf(told: string): string {
  return told === "[anon]" || told === "[shared]" ? "" : told;
}

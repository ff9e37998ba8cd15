// Mappings (VMAs): what one line of /proc/PID/maps says, in pages, and questions asked of a list of them.

export interface Mapping {
  /** First page. */
  readonly start: number;
  /** One past the last page. */
  readonly end: number;
  /** "rwxp" as /proc/PID/maps prints it; the last letter is p (private) or s (shared). */
  readonly permissions: string;
  /** Offset into the file, bytes. */
  readonly offset: number;
  /** "major:minor" of the file's device, "00:00" for anonymous memory. */
  readonly device: string;
  /** 0 for anonymous memory. */
  readonly inode: number;
  /** The path, "[heap]", "[stack]", "[anon:NAME]", …; "" for nameless anonymous memory. */
  readonly name: string;
}

/** Where a mapping lies. */
export type Extent = Pick<Mapping, "start" | "end">;

/** What a mapping is for, as the panel and the notes group them. */
export type MappingKind = "heap" | "stack" | "anonymous" | "shared" | "file" | "kernel";

export function kindOf(mapping: Mapping): MappingKind {
  if (mapping.name === "[heap]") return "heap";
  if (mapping.name.startsWith("[stack")) return "stack";
  if (/^\[v(var|dso|syscall|var_vclock)\]$/.test(mapping.name)) return "kernel";
  if (isShared(mapping)) return "shared";
  return mapping.inode === 0 ? "anonymous" : "file";
}

export function isWritable(mapping: Mapping): boolean {
  return mapping.permissions[1] === "w";
}

export function isShared(mapping: Mapping): boolean {
  return mapping.permissions[3] === "s";
}

/** Whether a nameless mapping is the part of a file's data that begins as zeroes (.bss): it follows on the file's own pages. */
export function isZeroedData(mapping: Mapping, before: Mapping | undefined): boolean {
  return (
    mapping.name === "" &&
    !isShared(mapping) &&
    before !== undefined &&
    before.end === mapping.start &&
    before.name.startsWith("/") &&
    isWritable(before)
  );
}

/** How a mapping is called where there is room for a word or two: its file's base name, its bracketed name, or its kind. */
export function shortName(mapping: Mapping): string {
  if (mapping.name === "") return isShared(mapping) ? "[shared]" : "[anon]";
  return mapping.name.startsWith("/") && !mapping.name.startsWith("/dev/zero")
    ? mapping.name.slice(mapping.name.lastIndexOf("/") + 1)
    : mapping.name;
}

/** What the kernel appends to the name of a file that was unlinked while it is mapped. */
const UNLINKED = " (deleted)";

/** Whether two lines describe the same mapping, so far as maps can tell; its end may have moved by growth, its file be unlinked. */
export function sameOrigin(a: Mapping, b: Mapping): boolean {
  return (
    a === b ||
    (a.inode === b.inode &&
      a.device === b.device &&
      a.permissions[3] === b.permissions[3] &&
      (a.name === b.name || (a.inode !== 0 && (a.name === b.name + UNLINKED || b.name === a.name + UNLINKED))))
  );
}

/** Whether two lines of maps are the same in every field. */
export function sameMapping(a: Mapping, b: Mapping): boolean {
  return (
    a === b ||
    (a.start === b.start &&
      a.end === b.end &&
      a.permissions === b.permissions &&
      a.offset === b.offset &&
      a.inode === b.inode &&
      a.device === b.device &&
      a.name === b.name)
  );
}

/**
 * Index of the mapping that holds `page`, in a list sorted by address.
 * @returns -1 where the page is not mapped.
 */
export function findMapping(mappings: readonly Extent[], page: number): number {
  const index = firstEndingAfter(mappings, page);
  return index < mappings.length && mappings[index].start <= page ? index : -1;
}

/** Index of the first mapping that ends after `page`, in a list sorted by address; their number where none does. */
export function firstEndingAfter(mappings: readonly Extent[], page: number): number {
  let low = 0;
  let high = mappings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (mappings[middle].end <= page) low = middle + 1;
    else high = middle;
  }
  return low;
}

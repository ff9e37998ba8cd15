// Reads symbols and types of the files that names are asked of, a piece at a time: a scan waits for none of them.
import { firstEndingAfter, type Mapping } from "../memory/mapping.ts";
import { pageOf } from "../memory/page.ts";
import type { Reading } from "../names/dwarf/debug-types.ts";
import type { ElfFile } from "../names/elf/elf-file.ts";
import type { MappedFiles } from "../names/modules.ts";
import { isRuntime, pathOf } from "../names/name.ts";

/** How long it works before others get a turn, milliseconds: a scan may be waiting. */
const SLICE = 1;
/** How long names wait for types that take long to read; later names have them. Milliseconds. */
const PATIENCE = 300;

/** Has the symbols of all files read that the ranges lie in, and of the program itself; their types too, as long as patience lasts. */
export async function prepareFiles(
  files: MappedFiles,
  mappings: readonly Mapping[],
  ranges: Float64Array,
  turn: () => Promise<void>,
): Promise<void> {
  /** With whether anyone asks for its types: what the C library changes is its own account. */
  const wanted = new Map<ElfFile, boolean>();
  const add = (mapping: Mapping | undefined): void => {
    const elf = mapping && mapping.inode !== 0 ? files.elfOf(mapping) : undefined;
    if (mapping && elf) wanted.set(elf, !isRuntime(pathOf(mapping)));
  };
  add(mappings.find(({ inode }) => inode !== 0));
  for (let i = 0; i < ranges.length; i += 2) {
    const end = pageOf(Math.max(ranges[i], ranges[i + 1] - 1)) + 1;
    for (let at = firstEndingAfter(mappings, pageOf(ranges[i])); at < mappings.length; at += 1) {
      if (mappings[at].start >= end) break;
      // The zeroed data of a file has no name of its own: the file is the one mapped before it.
      add(mappings[at].inode === 0 ? mappings[at - 1] : mappings[at]);
    }
  }
  for (const elf of wanted.keys()) await inSlices(() => (elf.readSome() ? "done" : "more"), turn);
  const until = performance.now() + PATIENCE;
  for (const [elf, hasTypes] of wanted) if (hasTypes) await inSlices(() => elf.types.readSome(), turn, until);
}

/** Works a piece at a time. @param until of the clock that counts from the start: what is not done by then is left. */
export async function inSlices(work: () => Reading, turn: () => Promise<void>, until = Infinity): Promise<void> {
  let since = performance.now();
  for (let state = work(); state !== "done"; state = work()) {
    const now = performance.now();
    if (now > until) return;
    if (state === "more" && now - since < SLICE) continue;
    await (state === "more" ? turn() : atMost(until - now, state));
    since = performance.now();
  }
}

/** Waits for something, not longer than so many milliseconds. */
async function atMost(milliseconds: number, what: Promise<unknown>): Promise<void> {
  if (milliseconds === Infinity) return void (await what);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise(resolve => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([what, over]);
  clearTimeout(timer);
}

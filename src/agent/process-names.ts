// Names byte ranges of a process: over any kernel, with the files and threads that an operating system tells besides.
import type { Kernel } from "../kernel/kernel.ts";
import type { MappedFiles } from "../names/modules.ts";
import type { NamedRange } from "../names/name.ts";
import { Namer } from "../names/namer.ts";
import type { ThreadInfo } from "../names/threads.ts";
import { MOST_NAMES, MOST_RANGES, type NamesAnswer } from "./names.ts";
import { ProcessMemory } from "./process-memory.ts";

/** One process's files for one request. */
export interface OpenedFiles extends MappedFiles {
  /** Of those that were asked for: what could not be had, a sentence each. */
  readonly problems: readonly string[];
}

/** What the kernel interface does not tell of processes. */
export interface ProcessSource {
  filesOf(pid: number): OpenedFiles;
  threadsOf(pid: number): readonly ThreadInfo[];
}

/** Of a simulated kernel, whose programs have neither files nor threads to speak of. */
export const NO_SOURCE: ProcessSource = {
  filesOf: () => ({ elfOf: () => undefined, problems: [] }),
  threadsOf: pid => [{ id: pid }],
};

/** How long it works before others get a turn, milliseconds. */
const SLICE = 8;

/**
 * Names ranges of a process that stands still; what runs meanwhile is named as it was when it was looked at.
 * @param ranges [start, end) pairs in bytes. @param most names for each.
 * @param turn lets others in: a scan waits for nobody's names.
 * @throws {Error} the ranges are none, or too many; {KernelError} the process is gone or not ours.
 */
export async function namesOf(
  kernel: Kernel,
  source: ProcessSource,
  pid: number,
  ranges: Float64Array,
  most: number,
  turn: () => Promise<void>,
): Promise<NamesAnswer> {
  if (ranges.length % 2 !== 0) throw new Error("the ranges to name are not pairs of addresses");
  if (ranges.length / 2 > MOST_RANGES) throw new Error(`names are told of at most ${MOST_RANGES} ranges at once`);
  const files = source.filesOf(pid);
  const namer = new Namer({
    id: pid,
    mappings: kernel.mappings(pid),
    memory: new ProcessMemory(kernel, pid),
    files,
    threads: source.threadsOf(pid),
  });
  const named: NamedRange[][] = [];
  let room = MOST_NAMES;
  let since = performance.now();
  for (let i = 0; i < ranges.length; i += 2) {
    const [start, end] = [ranges[i], ranges[i + 1]];
    if (!(start >= 0 && end >= start && end <= Number.MAX_SAFE_INTEGER)) {
      throw new Error(`what is to be named is no range of addresses: ${start} to ${end}`);
    }
    const pieces = namer.pieces(start, end, Math.min(most, room));
    room -= pieces.length;
    named.push(pieces);
    if (performance.now() - since < SLICE) continue;
    await turn();
    since = performance.now();
  }
  return { named, problems: files.problems };
}

// Names byte ranges of a process by its files, heaps and threads, which an operating system tells beside the kernel interface.

import { viewOf } from "../names/bytes.ts";
import type { MappedFiles } from "../names/modules.ts";
import type { NamedRange } from "../names/name.ts";
import { Namer } from "../names/namer.ts";
import { overlaid } from "../names/overlay.ts";
import type { ThreadInfo } from "../names/threads.ts";
import type { Type } from "../names/types/type.ts";
import { RseqAreas } from "../tracker/rseq-areas.ts";
import { withWays } from "./heap-ways.ts";
import { checkBefore, checkRanges, MOST_NAMES, type NameRanges } from "./names.ts";
import { inSlices, prepareFiles } from "./prepared-files.ts";
import { ProcessMemory } from "./process-memory.ts";
import { MOST_TYPES } from "./types-shape.ts";

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

/** How long it works before others get a turn, milliseconds. */
const SLICE = 1;

/** @param source tells files and threads. @returns what names ranges of processes by all that is known of them. */
export function fullNames(source: ProcessSource): NameRanges {
  return async (kernel, { pid, ranges, most, before, roots }, turn) => {
    checkRanges(ranges);
    if (before) checkBefore(before);
    const files = source.filesOf(pid);
    const memory = new ProcessMemory(kernel, pid);
    const mappings = kernel.mappings(pid);
    // Where there are several possible places, none is known.
    const [rseq, other] = new RseqAreas().look(mappings, (at, bytes) => {
      const read = memory.read(at, bytes);
      return read && viewOf(read);
    });
    await prepareFiles(files, mappings, ranges, turn);
    const types: Type[] = [];
    const namer = new Namer({
      types,
      id: pid,
      mappings,
      ...(other ? {} : { rseq }),
      memory,
      ...(before ? { earlier: overlaid(memory, before) } : {}),
      files,
      threads: source.threadsOf(pid),
    });
    let named: NamedRange[][] = [];
    let room = MOST_NAMES;
    let since = performance.now();
    try {
      for (let i = 0; i < ranges.length; i += 2) {
        const preparing = namer.prepare(ranges[i]);
        await inSlices(() => (preparing.next().done === true ? "done" : "more"), turn);
        const pieces = namer.pieces(ranges[i], ranges[i + 1], Math.min(most, room));
        room -= pieces.length;
        named.push(pieces);
        if (performance.now() - since < SLICE) continue;
        await turn();
        since = performance.now();
      }
      const ways = withWays(named, namer, memory, types, roots ?? []);
      await inSlices(() => {
        const next = ways.next();
        if (next.done) named = next.value;
        return next.done ? "done" : "more";
      }, turn);
    } finally {
      memory.close();
    }
    // Types of types may be more than one answer holds: then it goes without.
    const fits = types.length <= MOST_TYPES;
    return {
      named: fits ? named : named.map(pieces => pieces.map(untyped)),
      types: fits ? types : [],
      problems: files.problems,
    };
  };
}

function untyped({ name, ...range }: NamedRange): NamedRange {
  if (name.kind === "heap") return { ...range, name: { ...name, way: undefined } };
  return { ...range, name: name.kind === "symbol" ? { ...name, type: undefined } : name };
}

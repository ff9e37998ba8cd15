// What can be watched of the ranges asked for, mapping by mapping, and in words what can't.

import type { KernelError } from "../../kernel/kernel-error.ts";
import {
  findMapping,
  firstEndingAfter,
  isShared,
  isWritable,
  kindOf,
  type Mapping,
  shortName,
} from "../../memory/mapping.ts";
import { addressOf, formatSize, pageOf } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import { isProgramText } from "../account.ts";
import type { ByteRange, WatchedPart, WatchWarning } from "./reports.ts";
import type { WatchMap } from "./watch-map.ts";

/** 16 GiB: the kernel's markers for the holes in them take page tables of 32 MiB. */
export const MOST_PAGES = 2 ** 22;

/** Pages of a file's mapping that is made anonymous, 256 MiB: they are copied while the program stands. */
const MOST_COPIED = 2 ** 16;

/** Pages [start, end) that the kernel does not lend to watches. */
export interface NotLent {
  readonly start: number;
  readonly end: number;
  readonly error: KernelError;
}

export interface Plan {
  /** Pages whose stores should wait. */
  readonly pages: PageSet;
  /** One for each mapping that a range lies in. */
  readonly parts: readonly WatchedPart[];
  readonly warnings: readonly WatchWarning[];
}

/** @param isHugetlb asks whether a mapping is of hugetlb. */
export function planFor(
  map: WatchMap,
  mappings: readonly Mapping[],
  mostPages: number,
  isHugetlb: (mapping: Mapping) => boolean,
): Plan {
  const parts: WatchedPart[] = [];
  const warnings: WatchWarning[] = [];
  const pages: [number, number][] = [];
  let room = mostPages;
  for (const [range, { start, end }] of map.ranges.entries()) {
    const warn = (from: number, to: number, refused: boolean, reason: string): void => {
      warnings.push({ start: from, end: to, range, refused, reason });
    };
    const size = pageOf(end - 1) + 1 - pageOf(start);
    if (size > room) {
      warn(start, end, true, tooMuch(size, room, mostPages));
      continue;
    }
    room -= size;
    let at = start;
    for (let i = firstEndingAfter(mappings, pageOf(start)); at < end; i += 1) {
      const mapping = mappings[i];
      const from = Math.min(end, Math.max(at, mapping ? addressOf(mapping.start) : end));
      if (at < from) warn(at, from, true, "nothing is mapped there: watch it again when the program has mapped it");
      if (from === end) break;
      const to = Math.min(end, addressOf(mapping.end));
      at = to;
      const refusal = refusalOf(mapping, isHugetlb);
      if (refusal) {
        warn(from, to, true, refusal);
        continue;
      }
      const doubt = doubtOf(mapping);
      if (doubt) warn(from, to, false, doubt);
      parts.push({ start: from, end: to, range, way: "stop" });
      pages.push([pageOf(from), pageOf(to - 1) + 1]);
    }
  }
  return { pages: PageSet.from(pages), parts, warnings };
}

/**
 * The plan as it came to be.
 * @param notLent what the kernel refused. @param armed pages where changes are seen by looking.
 */
export function outcomeOf(plan: Plan, notLent: readonly NotLent[], armed: PageSet, mappings: readonly Mapping[]): Plan {
  const parts: WatchedPart[] = [];
  const warnings = [...plan.warnings];
  for (const part of plan.parts) {
    const refusal = notLent.find(({ start, end }) => start < pageOf(part.end - 1) + 1 && end > pageOf(part.start));
    if (!refusal) {
      parts.push(part);
      continue;
    }
    const why = wordsFor(refusal.error);
    const isSeen = armed.countIn(pageOf(part.start), pageOf(part.end - 1) + 1) > 0;
    const mapping = mappings[findMapping(mappings, pageOf(part.start))];
    const inPrivateFile = mapping && refusal.error.code === "EINVAL" ? privateFile(mapping) : undefined;
    if (isSeen) parts.push({ ...part, way: "poll", why, ...(inPrivateFile ? { inPrivateFile } : {}) });
    else
      warnings.push({
        ...rangeOf(part),
        refused: true,
        reason: `${why} It is not armed either, so that changes there aren't seen at all.`,
      });
  }
  return { pages: plan.pages, parts, warnings };
}

/** Undefined where it is none that could become anonymous memory without anyone's missing the file. */
function privateFile(mapping: Mapping): ByteRange | undefined {
  const { start, end } = mapping;
  const isIt = kindOf(mapping) === "file" && !isShared(mapping) && isWritable(mapping) && !isProgramText(mapping);
  return isIt && end - start <= MOST_COPIED ? { start: addressOf(start), end: addressOf(end) } : undefined;
}

/** The plan without what the program has unmapped or moved since. @param pages those whose stores still wait. */
export function withoutLost(plan: Plan, pages: PageSet): Plan {
  const parts: WatchedPart[] = [];
  const warnings = [...plan.warnings];
  const reason = "the program has unmapped or moved it since: watch it again where it is now";
  for (const part of plan.parts) {
    const lost = PageSet.of(pageOf(part.start), pageOf(part.end - 1) + 1).subtract(pages);
    if (part.way === "poll" || lost.isEmpty) {
      parts.push(part);
      continue;
    }
    let at = part.start;
    for (const [first, last] of [...lost.pairs(), [pageOf(part.end - 1) + 1, Infinity]]) {
      const from = Math.min(part.end, Math.max(at, addressOf(first)));
      const to = Math.min(part.end, addressOf(last));
      if (at < from) parts.push({ ...part, start: at, end: from });
      if (from < to) warnings.push({ ...rangeOf({ ...part, start: from, end: to }), refused: true, reason });
      at = Math.max(at, to);
    }
  }
  return { ...plan, parts, warnings };
}

function rangeOf({ start, end, range }: WatchedPart): Pick<WatchWarning, "start" | "end" | "range"> {
  return { start, end, range };
}

function refusalOf(mapping: Mapping, isHugetlb: (mapping: Mapping) => boolean): string | undefined {
  if (kindOf(mapping) === "kernel") return `${shortName(mapping)} is the kernel's own: the program can't write it`;
  if (isHugetlb(mapping)) {
    return "hugetlb memory: write-protecting its holes deadlocks the kernel on versions without the fix of May 2026";
  }
  return undefined;
}

function doubtOf(mapping: Mapping): string | undefined {
  if (kindOf(mapping) === "stack") {
    return "it lies on the stack: every call stores to its pages beside it, which costs a miss each; for up to 8 bytes the debugger's own data breakpoint is the better tool";
  }
  if (!isWritable(mapping)) return "the program can't write there now: it stops when it has made it writable and does";
  return undefined;
}

function tooMuch(pages: number, room: number, most: number): string {
  return `${formatSize(pages)} are more than the ${formatSize(room)} that are left of ${formatSize(most)} for all watches: choose a smaller range`;
}

function wordsFor(error: KernelError): string {
  if (error.code === "EINVAL") {
    return "Stores to a file's private copy (initialized globals) or to a shared file can't be made to wait: it is looked at while the program runs, and a change is told a moment after it.";
  }
  if (error.code === "EBUSY") return "The program watches it itself, with a userfaultfd of its own.";
  if (error.code === "EPERM" && error.call === "userfaultfd") {
    return "The program may not open a userfaultfd that makes the kernel's stores wait, too: run 'sudo sysctl vm.unprivileged_userfaultfd=1', or run the program as root. Until then it is looked at while the program runs, and a change is told a moment after it.";
  }
  return `The kernel refused (${error.call} of ${error.target}: ${error.code}).`;
}

// The account of what is armed: for each mapping, which of its pages are watched and how, and which are not and why.

import { isShared, isWritable, kindOf, type Mapping } from "../memory/mapping.ts";
import { type PageSet, RunBuilder } from "../memory/page-set.ts";
import type { ArmedMapping, NotArmed } from "./reports.ts";
import * as Scans from "./scans.ts";

/** Pages [start, end). */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What is known of one mapping. */
export interface Entry {
  readonly armed: readonly ArmedMapping[];
  readonly notArmed: readonly NotArmed[];
  /** Of the parts not armed those whose refusal may end: another userfaultfd's memory, for one. */
  readonly refused: readonly Range[];
}

export const NOTHING: Entry = { armed: [], notArmed: [], refused: [] };

/** A mapping armed by its populated pages only, with the masks of its own scan. */
export interface SparseMapping extends Range {
  readonly masks: typeof Scans.POPULATED_WRITTEN_AND_REARM;
  readonly isShared: boolean;
}

/** A value: whoever follows the mappings makes a new one, so that a call that fails half-way leaves the old one whole. */
export interface Account {
  readonly mappings: readonly Mapping[];
  /** One a mapping. */
  readonly entries: readonly Entry[];
  /** All pages of armed mappings, holes included. */
  readonly armed: PageSet;
  readonly armedMappings: readonly ArmedMapping[];
  readonly notArmed: readonly NotArmed[];
  readonly sparse: readonly SparseMapping[];
  /** Pages of mappings that are known and not armed. */
  readonly unarmed: PageSet;
  /** Armed pages of program text: what is written there is a debugger's breakpoint, or the program patching itself. */
  readonly text: PageSet;
  /** Parts whose refusal may end, see {@link Entry.refused}. */
  readonly refused: PageSet;
  /**
   * Armed private memory where a page given back may not read as written, or reads as one of the file's: sparse mappings and
   * files' data. That one is gone shows by comparing.
   */
  readonly forgetful: PageSet;
  /** Large text and constants, not armed: searching them for pages that were written would take longer than all the rest. */
  readonly giants: readonly Range[];
}

/** Pages of text that are searched in less time than it takes to begin another search behind them. */
const GIANT = 1 << 12;

/** @param entries one for each mapping. */
export function accountOf(mappings: readonly Mapping[], entries: readonly Entry[]): Account {
  const armedMappings: ArmedMapping[] = [];
  const notArmed: NotArmed[] = [];
  const sparse: SparseMapping[] = [];
  const giants: Range[] = [];
  const [mapped, armed, text, refused, forgetful] = Array.from({ length: 5 }, () => new RunBuilder());
  for (const [i, mapping] of mappings.entries()) {
    const entry = entries[i];
    mapped.add(mapping.start, mapping.end);
    if (isGiant(mapping, entry)) giants.push(mapping);
    for (const part of entry.notArmed) notArmed.push(part);
    for (const { start, end } of entry.refused) refused.add(start, end);
    if (entry.armed.length === 0) continue;
    const isText = isProgramText(mapping);
    const isFile = mapping.inode !== 0;
    for (const part of entry.armed) {
      const { start, end, way } = part;
      armedMappings.push(part);
      armed.add(start, end);
      if (isText) text.add(start, end);
      if (way === "populated") sparse.push({ start, end, masks: sparseMasks(mapping), isShared: isShared(mapping) });
      if (!isText && !isShared(mapping) && (isFile || way === "populated")) forgetful.add(start, end);
    }
  }
  const armedPages = armed.finish();
  return {
    mappings,
    entries,
    armed: armedPages,
    armedMappings,
    notArmed,
    sparse,
    unarmed: mapped.finish().subtract(armedPages),
    text: text.finish(),
    refused: refused.finish(),
    forgetful: forgetful.finish(),
    giants,
  };
}

/** Whether a mapping is a program's or a library's code; what changes there is a breakpoint, or code that patches itself. */
export function isProgramText(mapping: Mapping): boolean {
  return mapping.inode !== 0 && mapping.permissions[2] === "x" && !isWritable(mapping);
}

/** The masks by which a mapping of this kind is scanned where only its populated pages are armed. */
export function sparseMasks(mapping: Mapping): SparseMapping["masks"] {
  return kindOf(mapping) === "file" && !isShared(mapping)
    ? Scans.POPULATED_PRIVATE_FILE_WRITTEN_AND_REARM
    : Scans.POPULATED_WRITTEN_AND_REARM;
}

function isGiant(mapping: Mapping, entry: Entry): boolean {
  return entry.armed.length === 0 && mapping.inode !== 0 && !isWritable(mapping) && mapping.end - mapping.start > GIANT;
}

// What the agent's answers must look like, and how page sets cross in them.
import {
  checked,
  flag,
  instance,
  list,
  nothing,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  type Shapes,
  text,
  whole,
} from "../common/shape.ts";
import type { CapabilityReport } from "../kernel/capabilities.ts";
import { Changes } from "../memory/contents/changes.ts";
import type { Mapping } from "../memory/mapping.ts";
import type { PageNote } from "../memory/page-note.ts";
import { PageSet, type PageSetWire } from "../memory/page-set.ts";
import type { Captured } from "../tracker/contents/contents.ts";
import type { ForkLook } from "../tracker/fork-lens.ts";
import type { LayoutPatch, Splice } from "../tracker/layout-patch.ts";
import type { ArmedMapping, Layout, NotArmed, ScanReport, Settlement, Unseen } from "../tracker/reports.ts";
import type { Snapshot } from "../tracker/snapshot.ts";
import type { NewestPages } from "./contents.ts";
import type { ArmAnswer, ReadPages } from "./tracking.ts";

/** How an answer crosses: what is sent, and what is made of that when it arrives. */
export interface Answer<R> {
  toWire(answer: R): unknown;
  /** @throws {Error} it is none, and what is wrong with it. */
  fromWire(wire: unknown): R;
}

/** One that crosses as it is. */
export function plain<R>(shape: Shape<R>): Answer<R> {
  return { toWire: answer => answer, fromWire: wire => checked(shape, wire) };
}

/** One with page sets, which cross in a form of their own. */
function coded<R, W>(shape: Shape<W>, toWire: (answer: R) => W, fromWire: (wire: W) => R): Answer<R> {
  return { toWire, fromWire: wire => fromWire(checked(shape, wire)) };
}

/** A set; absent where it is empty, as most are: each typed array takes microseconds to cross. */
type SetWire = PageSetWire | undefined;

interface ScanWire extends Omit<ScanReport, "written" | "text"> {
  /** Never absent: nothing written is an answer, too. */
  readonly written: PageSetWire;
  readonly text?: SetWire;
}

/** With the layout as what changed of the one before: a process with many mappings tells few. */
export interface PatchedSettlement extends Omit<Settlement, "layout"> {
  readonly patch?: LayoutPatch;
}

interface SettlementWire extends Omit<PatchedSettlement, "late" | "discarded" | "text" | "resident"> {
  readonly late?: SetWire;
  readonly discarded?: SetWire;
  readonly text?: SetWire;
  /** Absent where it was not asked for. */
  readonly resident?: PageSetWire;
}

const page = whole(0, 2 ** 52);
/** PATH_MAX and what the kernel may add, each byte up to three characters. */
const name = text(3 * 4096 + 100);
const microseconds = number(0);

const mapping = object<Mapping>({
  start: page,
  end: page,
  permissions: text(4),
  offset: number(0),
  device: text(16),
  inode: number(0),
  name,
});
const armed = object<ArmedMapping>({ start: page, end: page, way: oneOf("complete", "populated") });
const notArmed = object<NotArmed>({ start: page, end: page, name, reason: text(4096) });
const unseen = object<Unseen>({ start: page, end: page, name, reason: text(4096) });
const layout = object<Layout>({
  revision: whole(),
  mappings: list(mapping),
  armed: list(armed),
  notArmed: list(notArmed),
  unseen: list(unseen),
  pinnedElsewhere: whole(),
  inFlight: list(text(4096)),
});
const splices = <T>(item: Shape<T>): Shape<readonly Splice<T>[]> =>
  list(object<Splice<T>>({ at: whole(), remove: whole(), insert: list(item) } as Shapes<Splice<T>>));
const patch = object<LayoutPatch>({
  from: whole(),
  revision: whole(),
  mappings: splices(mapping),
  armed: splices(armed),
  notArmed: splices(notArmed),
  unseen: splices(unseen),
  pinnedElsewhere: whole(),
  inFlight: list(text(4096)),
});
const note = object<PageNote>({
  start: page,
  end: page,
  note: oneOf("rseq", "new mapping", "read or written"),
  onlyKernel: optional(flag),
});
/** What is in it is checked by {@link PageSet.fromWire}. */
const pages = object<PageSetWire>({ index: instance(Float64Array), data: instance(Uint32Array) });

/** Those of the sets that hold anything. */
function crossing<K extends string>(sets: Readonly<Record<K, PageSet>>): { readonly [Name in K]?: PageSetWire } {
  const wires: { [Name in K]?: PageSetWire } = {};
  for (const name in sets) if (!sets[name].isEmpty) wires[name] = sets[name].toWire();
  return wires;
}

/** @throws {Error} it comes from no set. */
function crossed(wire: SetWire): PageSet {
  return wire === undefined ? PageSet.EMPTY : PageSet.fromWire(wire);
}

/** Nothing but that it was done. */
export const done: Answer<null> = plain(nothing);

export const arm: Answer<ArmAnswer> = plain(
  object<ArmAnswer>({
    backend: text(),
    mappings: whole(),
    pages: whole(),
    populatedOnly: list(armed),
    notArmed: list(notArmed),
    microseconds,
    layout,
  }),
);

export const scan: Answer<ScanReport> = coded(
  object<ScanWire>({ written: pages, text: optional(pages), microseconds }),
  ({ written, text, ...rest }) => ({ ...rest, written: written.toWire(), ...crossing({ text }) }),
  ({ written, text, ...rest }) => ({ ...rest, written: PageSet.fromWire(written), text: crossed(text) }),
);

export const settlement: Answer<PatchedSettlement> = coded(
  object<SettlementWire>({
    patch: optional(patch),
    created: list(mapping),
    removed: list(mapping),
    late: optional(pages),
    discarded: optional(pages),
    text: optional(pages),
    notes: list(note),
    resident: optional(pages),
  }),
  ({ resident, late, discarded, text, ...rest }) => ({
    ...rest,
    ...crossing({ late, discarded, text }),
    ...(resident ? { resident: resident.toWire() } : {}),
  }),
  ({ resident, late, discarded, text, ...rest }) => ({
    ...rest,
    late: crossed(late),
    discarded: crossed(discarded),
    text: crossed(text),
    ...(resident ? { resident: PageSet.fromWire(resident) } : {}),
  }),
);

export const captured: Answer<Captured> = coded(
  object<{ readonly changes: Uint8Array; readonly version: number }>({
    changes: instance(Uint8Array),
    version: whole(),
  }),
  ({ changes, version }) => ({ changes: changes.toBytes(), version }),
  ({ changes, version }) => ({ changes: Changes.checked(changes), version }),
);

export const newest: Answer<NewestPages> = plain(
  object<NewestPages>({ bytes: instance(Uint8Array), known: instance(Uint8Array), version: whole() }),
);

export const readPages: Answer<ReadPages> = plain(
  object<ReadPages>({ bytes: instance(Uint8Array), known: instance(Uint8Array) }),
);

export const snapshot: Answer<Snapshot> = plain(
  object<Snapshot>({
    mappings: list(mapping),
    runs: instance(Float64Array),
    categories: instance(Uint16Array),
    microseconds,
  }),
);

type ForkSets = Pick<ForkLook, "shared" | "copied" | "byParent" | "byChild" | "onlyParent" | "onlyChild">;

export const forkLook: Answer<ForkLook> = coded(
  object<Omit<ForkLook, keyof ForkSets> & { readonly [K in keyof ForkSets]?: SetWire }>({
    evidence: oneOf("frames", "exclusive"),
    mappings: list(mapping),
    shared: optional(pages),
    copied: optional(pages),
    byParent: optional(pages),
    byChild: optional(pages),
    onlyParent: optional(pages),
    onlyChild: optional(pages),
    microseconds,
  }),
  ({ evidence, mappings, microseconds, ...sets }) => ({ evidence, mappings, microseconds, ...crossing(sets) }),
  ({ shared, copied, byParent, byChild, onlyParent, onlyChild, ...rest }) => ({
    ...rest,
    shared: crossed(shared),
    copied: crossed(copied),
    byParent: crossed(byParent),
    byChild: crossed(byChild),
    onlyParent: crossed(onlyParent),
    onlyChild: crossed(onlyChild),
  }),
);

export const capabilities: Answer<CapabilityReport> = plain(
  object<CapabilityReport>({
    pagemapScan: flag,
    categories: whole(),
    userfaultfd: flag,
    features: whole(),
    softDirty: optional(flag),
    problems: list(text(4096)),
  }),
);

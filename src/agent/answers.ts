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

interface ScanWire extends Omit<ScanReport, "written" | "text"> {
  readonly written: PageSetWire;
  readonly text: PageSetWire;
}

/** With the layout as what changed of the one before: a process with many mappings tells few. */
export interface PatchedSettlement extends Omit<Settlement, "layout"> {
  readonly patch?: LayoutPatch;
}

interface SettlementWire extends Omit<PatchedSettlement, "late" | "discarded" | "text" | "resident"> {
  readonly late: PageSetWire;
  readonly discarded: PageSetWire;
  readonly text: PageSetWire;
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
  object<ScanWire>({ written: pages, text: pages, microseconds }),
  report => ({ ...report, written: report.written.toWire(), text: report.text.toWire() }),
  wire => ({ ...wire, written: PageSet.fromWire(wire.written), text: PageSet.fromWire(wire.text) }),
);

export const settlement: Answer<PatchedSettlement> = coded(
  object<SettlementWire>({
    patch: optional(patch),
    created: list(mapping),
    removed: list(mapping),
    late: pages,
    discarded: pages,
    text: pages,
    notes: list(note),
    resident: optional(pages),
  }),
  ({ resident, ...rest }) => ({
    ...rest,
    late: rest.late.toWire(),
    discarded: rest.discarded.toWire(),
    text: rest.text.toWire(),
    ...(resident ? { resident: resident.toWire() } : {}),
  }),
  ({ resident, ...rest }) => ({
    ...rest,
    late: PageSet.fromWire(rest.late),
    discarded: PageSet.fromWire(rest.discarded),
    text: PageSet.fromWire(rest.text),
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

export const capabilities: Answer<CapabilityReport> = plain(
  object<CapabilityReport>({
    pagemapScan: flag,
    categories: whole(),
    userfaultfd: flag,
    features: whole(),
    problems: list(text(4096)),
  }),
);

// What the agent's answers must look like, and how page sets cross in them.
import { flag, instance, list, number, object, oneOf, optional, type Shape, text, whole } from "../common/shape.ts";
import type { CapabilityReport } from "../kernel/capabilities.ts";
import type { Mapping } from "../memory/mapping.ts";
import type { PageNote } from "../memory/page-note.ts";
import { PageSet, type PageSetWire } from "../memory/page-set.ts";
import type { ArmedMapping, Layout, NotArmed, ScanReport, Settlement, Unseen } from "../tracker/reports.ts";
import type { Snapshot } from "../tracker/snapshot.ts";
import type { ArmAnswer } from "./tracking.ts";

/** A scan's report with its page sets as they cross. */
export interface ScanWire extends Omit<ScanReport, "written" | "text"> {
  readonly written: PageSetWire;
  readonly text: PageSetWire;
}

/** A settlement with its page sets as they cross. */
export interface SettlementWire extends Omit<Settlement, "late" | "discarded" | "text" | "resident"> {
  readonly late: PageSetWire;
  readonly discarded: PageSetWire;
  readonly text: PageSetWire;
  readonly resident?: PageSetWire;
}

export function scanToWire(report: ScanReport): ScanWire {
  return { ...report, written: report.written.toWire(), text: report.text.toWire() };
}

/** @throws {Error} a set of pages is damaged. */
export function scanFromWire(wire: ScanWire): ScanReport {
  return { ...wire, written: PageSet.fromWire(wire.written), text: PageSet.fromWire(wire.text) };
}

export function settlementToWire({ resident, ...settlement }: Settlement): SettlementWire {
  return {
    ...settlement,
    late: settlement.late.toWire(),
    discarded: settlement.discarded.toWire(),
    text: settlement.text.toWire(),
    ...(resident ? { resident: resident.toWire() } : {}),
  };
}

/** @throws {Error} a set of pages is damaged. */
export function settlementFromWire({ resident, ...wire }: SettlementWire): Settlement {
  return {
    ...wire,
    late: PageSet.fromWire(wire.late),
    discarded: PageSet.fromWire(wire.discarded),
    text: PageSet.fromWire(wire.text),
    ...(resident ? { resident: PageSet.fromWire(resident) } : {}),
  };
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
});
const note = object<PageNote>({
  start: page,
  end: page,
  note: oneOf("rseq", "new mapping", "read or written"),
  onlyKernel: optional(flag),
});
/** What is in it is checked by {@link PageSet.fromWire}. */
const pages = object<PageSetWire>({ index: instance(Float64Array), data: instance(Uint32Array) });

export const arm: Shape<ArmAnswer> = object<ArmAnswer>({
  backend: text(),
  mappings: whole(),
  pages: whole(),
  populatedOnly: list(armed),
  notArmed: list(notArmed),
  microseconds,
  layout,
});

export const scan: Shape<ScanWire> = object<ScanWire>({ written: pages, text: pages, microseconds });

export const settlement: Shape<SettlementWire> = object<SettlementWire>({
  layout: optional(layout),
  created: list(mapping),
  removed: list(mapping),
  late: pages,
  discarded: pages,
  text: pages,
  notes: list(note),
  resident: optional(pages),
});

export const snapshot: Shape<Snapshot> = object<Snapshot>({
  mappings: list(mapping),
  runs: instance(Float64Array),
  categories: instance(Uint16Array),
  microseconds,
});

export const capabilities: Shape<CapabilityReport> = object<CapabilityReport>({
  pagemapScan: flag,
  categories: whole(),
  userfaultfd: flag,
  features: whole(),
  problems: list(text(4096)),
});

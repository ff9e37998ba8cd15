// The requests the agent answers, declared once: both sides import this file, and a wrong payload does not compile.
import { RequestType, RequestType0 } from "vscode-jsonrpc/node";
import { PageSet, type PageSetWire } from "../memory/page-set.ts";
import type { ArmOptions, ArmReport, Layout, ScanReport, Settlement } from "../tracker/reports.ts";
import type { Snapshot } from "../tracker/snapshot.ts";
import type { CapabilityReport } from "./tracking.ts";

/** Which tracker of the agent is meant: the agent serves several debug sessions at once. */
export interface TrackerRef {
  readonly tracker: number;
}

export interface AttachParams extends TrackerRef {
  readonly pid: number;
  /** The number of the userfaultfd among the debuggee's own descriptors. */
  readonly descriptor: number;
  readonly options: ArmOptions;
}

export interface SettleParams extends TrackerRef {
  /** Whether to tell which pages are in memory, too. */
  readonly resident: boolean;
}

/** Takes the debuggee's userfaultfd; from then on the agent holds a copy, and the debuggee should close its own. */
export const AttachRequest = new RequestType<AttachParams, null, void>("attach");
/** Arms; cancellable. The tracker is gone where it fails or is cancelled. */
export const ArmRequest = new RequestType<TrackerRef, ArmReport & { layout: Layout }, void>("arm");
export const ScanRequest = new RequestType<TrackerRef, ScanWire, void>("scan");
export const SettleRequest = new RequestType<SettleParams, SettlementWire, void>("settle");
/** Disarms and forgets the tracker; one that is gone already is no error. */
export const DisarmRequest = new RequestType<TrackerRef, null, void>("disarm");
/** Scans a process without arming or changing anything; cancellable. */
export const SnapshotRequest = new RequestType<{ readonly pid: number }, Snapshot, void>("snapshot");
/** What the kernel offers. */
export const CapabilitiesRequest = new RequestType0<CapabilityReport, void>("capabilities");

/** What crosses of a KernelError in the `data` of a response's error. */
export interface KernelErrorData {
  readonly call: string;
  readonly target: string;
  readonly errno: number;
  readonly remedy?: string;
}

/** A scan's report with its page sets as they cross. */
export interface ScanWire extends Omit<ScanReport, "written" | "text"> {
  readonly written: PageSetWire;
  readonly text: PageSetWire;
}

/** A settlement with its page sets as they cross. */
export interface SettlementWire extends Omit<Settlement, "late" | "discarded" | "resident"> {
  readonly late: PageSetWire;
  readonly discarded: PageSetWire;
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
    ...(resident ? { resident: resident.toWire() } : {}),
  };
}

/** @throws {Error} a set of pages is damaged. */
export function settlementFromWire({ resident, ...wire }: SettlementWire): Settlement {
  return {
    ...wire,
    late: PageSet.fromWire(wire.late),
    discarded: PageSet.fromWire(wire.discarded),
    ...(resident ? { resident: PageSet.fromWire(resident) } : {}),
  };
}

// The requests an agent's process answers, declared once for both sides: a wrong payload does not compile, and one that arrives is refused.
import { NotificationType, RequestType } from "vscode-jsonrpc";
import { flag, list, nothing, number, object, oneOf, type Shape, text, whole } from "../common/shape.ts";
import type { CapabilityReport } from "../kernel/capabilities.ts";
import type { MappingKind } from "../memory/mapping.ts";
import type { ArmOptions } from "../tracker/reports.ts";
import type { Snapshot } from "../tracker/snapshot.ts";
import * as Answers from "./answers.ts";
import type { ArmAnswer } from "./tracking.ts";

/** One kind of request: its name, and what its parameters and its answer are. */
export interface AgentRequest<P, R> {
  readonly type: RequestType<P, R, void>;
  readonly params: Shape<P>;
  readonly answer: Shape<R>;
  /** What is asked for, in words: "scan". */
  readonly words: string;
}

function request<P, R>(method: string, words: string, params: Shape<P>, answer: Shape<R>): AgentRequest<P, R> {
  return { type: new RequestType<P, R, void>(method), params, answer, words };
}

export interface AttachParams {
  readonly pid: number;
  /** The number of the userfaultfd among the debuggee's own descriptors. */
  readonly descriptor: number;
  readonly options: ArmOptions;
}

export interface SettleParams {
  /** Whether to tell which pages are in memory, too. */
  readonly resident: boolean;
}

/** Of requests that need none. */
export type NoParams = Record<string, never>;

const noParams = object<NoParams>({});
const kind = oneOf<MappingKind>("heap", "stack", "anonymous", "shared", "file", "kernel");
const armOptions = object<ArmOptions>({ watch: list(kind), sparsePages: number(0) });
/** As the kernel numbers processes (PID_MAX_LIMIT) and descriptors. */
const pid = whole(1, 2 ** 22 + 1);
const descriptor = whole(0, 2 ** 31 - 1);

/** Takes the debuggee's userfaultfd; from then on the agent holds a copy, and the debuggee should close its own. */
export const ATTACH = request<AttachParams, null>(
  "attach",
  "take the program's userfaultfd",
  object<AttachParams>({ pid, descriptor, options: armOptions }),
  nothing,
);
/** Arms what was attached; where it fails the userfaultfd is gone. */
export const ARM = request<NoParams, ArmAnswer>("arm", "arm the program's memory", noParams, Answers.arm);
export const SCAN = request<NoParams, Answers.ScanWire>("scan", "scan", noParams, Answers.scan);
export const SETTLE = request<SettleParams, Answers.SettlementWire>(
  "settle",
  "look at the program's mappings",
  object<SettleParams>({ resident: flag }),
  Answers.settlement,
);
/** Scans a process without arming or changing anything. */
export const SNAPSHOT = request<{ readonly pid: number }, Snapshot>(
  "snapshot",
  "scan a process",
  object<{ readonly pid: number }>({ pid }),
  Answers.snapshot,
);
/** What the kernel offers. */
export const CAPABILITIES = request<NoParams, CapabilityReport>(
  "capabilities",
  "tell what the kernel offers",
  noParams,
  Answers.capabilities,
);

/** Sent each second while an answer is being made: arming gigabytes takes long, and is not silence. */
export const ALIVE = new NotificationType<NoParams>("alive");
export const aliveShape = noParams;

/** What crosses of a KernelError in a refusal. */
export interface KernelErrorData {
  readonly call: string;
  readonly target: string;
  readonly errno: number;
  /** "" for none. */
  readonly remedy: string;
}

export const kernelErrorData = object<KernelErrorData>({
  call: text(),
  target: text(8192),
  errno: whole(0, 4095),
  remedy: text(4096),
});

// The requests an agent's process answers, declared once for both sides: a wrong payload does not compile, and one that arrives is refused.
import { NotificationType, RequestType } from "../common/rpc.ts";
import {
  flag,
  instance,
  list,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  text,
  variant,
  whole,
} from "../common/shape.ts";
import type { CapabilityReport } from "../kernel/capabilities.ts";
import type { BlockedCall, ProcessStatus, ThreadRegisters, ThreadState } from "../kernel/kernel.ts";
import type { MappingKind } from "../memory/mapping.ts";
import type { PageQuery } from "../memory/page-query.ts";
import type { MemoryChoice, MemoryRule, NameRule, Naming, NotRule, PagesRule } from "../tracker/choice.ts";
import type { Captured } from "../tracker/contents/contents.ts";
import type { ForkLook } from "../tracker/fork-lens.ts";
import type { ArmOptions, OtherBackend, ScanReport } from "../tracker/reports.ts";
import type { Snapshot, SnapshotRequest } from "../tracker/snapshot.ts";
import type {
  ByteRange,
  WatchHit,
  WatchHurry,
  WatchMiss,
  WatchOptions,
  WatchReport,
} from "../tracker/watches/reports.ts";
import * as Answers from "./answers.ts";
import type { NewestPages } from "./contents.ts";
import {
  type CoreProgress,
  type CoreReport,
  coreReport,
  type JoinCoresParams,
  joinCoresParams,
  type SaveCoreParams,
  saveCoreParams,
} from "./cores.ts";
import { type NamesAnswer, type NamesParams, namesAnswer, namesParams } from "./names.ts";
import { type ArmAnswer, type ForkPair, MOST_PEEKED, type ReadPages } from "./tracking.ts";
import { byteRanges, watchHit, watchOptions, watchReport } from "./watches.ts";

/** One kind of request: its name, and what its parameters and its answer are. */
export interface AgentRequest<P, R> {
  readonly type: RequestType<P, unknown>;
  readonly params: Shape<P>;
  /** What is asked for, in words: "scan". */
  readonly words: string;
  /** Whether a program may come to harm where the agent is ended meanwhile. */
  readonly isVital?: boolean;
  /** The answer as it crosses. */
  toWire(answer: R): unknown;
  /** @throws {Error} it is none, and what is wrong with it. */
  fromWire(wire: unknown): R;
}

function request<P, R>(method: string, words: string, params: Shape<P>, answer: Answers.Answer<R>): AgentRequest<P, R> {
  return { type: new RequestType<P, unknown>(method), params, words, ...answer };
}

export interface AttachParams {
  readonly pid: number;
  /** The number of the userfaultfd among the debuggee's own descriptors. */
  readonly descriptor: number;
  readonly options: ArmOptions;
}

export interface SystemCallParams {
  readonly pid: number;
  readonly number: number;
  readonly args: readonly number[];
}

/** Page numbers. */
export interface CopyParams {
  readonly pid: number;
  readonly start: number;
  readonly end: number;
  readonly to: number;
}

export interface SettleParams {
  /** Whether to tell which pages are in memory, too. */
  readonly resident: boolean;
  /** Revision of the layout that the asker has: an answer of before may have been lost. */
  readonly known: number;
}

/** Of requests that need none. */
export type NoParams = Record<string, never>;

export interface SnapshotParams {
  readonly pid: number;
  readonly request?: SnapshotRequest | undefined;
}

export interface WatchAttachParams {
  readonly pid: number;
  readonly descriptor?: number | undefined;
}

export interface WatchSetParams {
  readonly ranges: readonly ByteRange[];
  readonly options: WatchOptions;
}

/** Of a hit or a miss. */
export interface PassParams {
  readonly id: number;
  readonly isOnlyNow: boolean;
}

export interface HitParams {
  readonly id: number;
}

export interface ShutAnswer {
  readonly hit?: WatchHit | undefined;
}

const noParams = object<NoParams>({});
const hitParams = object<HitParams>({ id: whole(1) });
const kind = oneOf<MappingKind>("heap", "stack", "anonymous", "shared", "file", "kernel");
const nameRule = object<NameRule>({ name: text(8192) });
const pagesRule = object<PagesRule>({ start: whole(0, 2 ** 52), end: whole(0, 2 ** 52), words: text(8192) });
const naming: Shape<Naming> = {
  problem: (value, at) => {
    if (typeof value !== "object" || value === null) return kind.problem(value, at);
    return ("name" in value ? nameRule : pagesRule).problem(value, at);
  },
};
const notRule = object<NotRule>({ not: naming });
const rule: Shape<MemoryRule> = {
  problem: (value, at) =>
    (typeof value === "object" && value !== null && "not" in value ? notRule : naming).problem(value, at),
};
const MOST_RULES = 10_000;
const choice = { watch: list(rule, MOST_RULES) };
const armOptions = object<ArmOptions>({
  ...choice,
  sparsePages: number(0),
  contentsPages: optional(whole(1)),
  backend: optional(oneOf<OtherBackend>("soft-dirty")),
});
/** Category bits. */
const mask = whole(0, 0x1ff);
/** Processes and descriptors are ints to the kernel. */
const pid = whole(1, 2 ** 31 - 1);
const descriptor = whole(0, 2 ** 31 - 1);
/** Characters of a /proc/PID/status: it lists processors and groups, of which there may be thousands. */
const MOST_STATUS = 1 << 20;
/** PATH_MAX and a few words, each byte up to three characters. */
const MOST_PATH = 3 * 4096 + 100;

/** What the kernel says of a process; `status` is left out where there is none of that number. */
export interface StatusAnswer {
  readonly status?: ProcessStatus | undefined;
}

export interface StatusParams {
  readonly pid: number;
  readonly program?: string | undefined;
}

export interface InterruptParams {
  readonly pid: number;
  readonly threadId: number;
  readonly signal: number;
}

export interface PidParams {
  readonly pid: number;
}

export interface RunForParams extends PidParams {
  readonly milliseconds: number;
}

export interface PeekParams {
  readonly pid: number;
  readonly address: number;
  readonly bytes: number;
}

const blockedCall = variant<BlockedCall>("kind", {
  store: object({ kind: oneOf("store"), pc: number(), sp: number() }),
  "system call": object({
    ...{ kind: oneOf("system call"), number: number(), args: list(number(), 6) },
    ...{ pc: number(), sp: number() },
  }),
});
const threadState = object<ThreadState>({ id: pid, name: text(256), state: text(1), call: optional(blockedCall) });

export const STATUS = request<StatusParams, StatusAnswer>(
  "status",
  "look at the program's state",
  object<StatusParams>({ pid, program: optional(text(MOST_PATH)) }),
  Answers.plain(
    object<StatusAnswer>({
      status: optional(
        object<ProcessStatus>({
          process: text(MOST_STATUS),
          own: text(MOST_STATUS),
          executable: optional(text(MOST_PATH)),
          runsProgram: optional(flag),
          tracedFromHere: flag,
          userfaultfds: list(descriptor),
        }),
      ),
    }),
  ),
);
export const INTERRUPT = request<InterruptParams, boolean>(
  "interrupt",
  "stop a thread",
  object<InterruptParams>({ pid, threadId: pid, signal: whole(1, 64) }),
  Answers.plain(flag),
);
export const PEEK = request<PeekParams, Uint8Array>(
  "peek",
  "read memory",
  object<PeekParams>({ pid, address: whole(), bytes: whole(1, MOST_PEEKED) }),
  Answers.plain(instance(Uint8Array)),
);
/** Numbers of system calls stay below 1024 for long, and take six arguments; addresses and lengths are the program's own. */
export const SYSTEM_CALL: AgentRequest<SystemCallParams, number> = {
  ...request<SystemCallParams, number>(
    "systemCall",
    "run a system call in a process",
    object<SystemCallParams>({ pid, number: whole(0, 1023), args: list(number(), 6) }),
    Answers.plain(number()),
  ),
  isVital: true,
};
/** What {@link ProcessHolder} offers. */
export const HOLD = request<PidParams, null>("hold", "stop a process", object<PidParams>({ pid }), Answers.done);
export const RELEASE = request<PidParams, null>(
  "release",
  "let a process go",
  object<PidParams>({ pid }),
  Answers.done,
);
export const RUN_FOR = request<RunForParams, null>(
  "runFor",
  "let a process run for a while",
  object<RunForParams>({ pid, milliseconds: number(0, 3_600_000) }),
  Answers.done,
);
export const THREADS = request<PidParams, readonly ThreadState[]>(
  "threads",
  "list a process's threads",
  object<PidParams>({ pid }),
  Answers.plain(list(threadState)),
);
export const HELD_REGISTERS = request<PidParams, readonly ThreadRegisters[]>(
  "heldRegisters",
  "read the registers of a process's threads",
  object<PidParams>({ pid }),
  Answers.plain(
    list(
      object<ThreadRegisters>({
        id: pid,
        registers: optional(instance(Uint8Array)),
        floatingPoint: optional(instance(Uint8Array)),
      }),
    ),
  ),
);
export const COPY_PAGES = request<CopyParams, null>(
  "copyPages",
  "copy memory of the program's",
  object<CopyParams>({ pid, start: whole(), end: whole(), to: whole() }),
  Answers.done,
);
/** Takes the debuggee's userfaultfd; from then on the agent holds a copy, and the debuggee should close its own. */
export const ATTACH = request<AttachParams, null>(
  "attach",
  "take the program's userfaultfd",
  object<AttachParams>({ pid, descriptor, options: armOptions }),
  Answers.done,
);
/** Arms what was attached; where it fails the userfaultfd is gone. */
export const ARM = request<NoParams, ArmAnswer>("arm", "arm the program's memory", noParams, Answers.arm);
/** Chooses anew what is armed. */
export const CHOOSE = request<MemoryChoice, ArmAnswer>(
  "choose",
  "choose what is armed",
  object<MemoryChoice>(choice),
  Answers.arm,
);
export const SCAN = request<NoParams, ScanReport>("scan", "scan", noParams, Answers.scan);
export const SETTLE = request<SettleParams, Answers.PatchedSettlement>(
  "settle",
  "look at the program's mappings",
  object<SettleParams>({ resident: flag, known: whole() }),
  Answers.settlement,
);
/** What {@link ContentsHandle} offers. */
export const CAPTURE = request<NoParams, Captured>("capture", "read the written pages", noParams, Answers.captured);
export const UNCAPTURE = request<{ readonly version: number }, null>(
  "uncapture",
  "take a capture back",
  object<{ readonly version: number }>({ version: whole() }),
  Answers.done,
);
export const COPY_AHEAD = request<{ readonly stood: boolean }, boolean>(
  "copyAhead",
  "copy pages",
  object<{ readonly stood: boolean }>({ stood: flag }),
  Answers.plain(flag),
);
export const NEWEST = request<{ readonly pages: Float64Array }, NewestPages>(
  "newest",
  "give its copies of pages",
  object<{ readonly pages: Float64Array }>({ pages: instance(Float64Array) }),
  Answers.newest,
);
/** What {@link WatchHandle} offers. */
export const WATCH_ATTACH = request<WatchAttachParams, null>(
  "watches.attach",
  "take the program's second userfaultfd",
  object<WatchAttachParams>({ pid, descriptor: optional(descriptor) }),
  Answers.done,
);
export const WATCH_SET = request<WatchSetParams, WatchReport>(
  "watches.set",
  "watch memory",
  object<WatchSetParams>({ ranges: byteRanges, options: watchOptions }),
  Answers.plain(watchReport),
);
export const WATCH_LOOK = request<NoParams, WatchReport>(
  "watches.look",
  "tell what is watched",
  noParams,
  Answers.plain(watchReport),
);
export const WATCH_PASS = request<PassParams, null>(
  "watches.pass",
  "let a store through",
  object<PassParams>({ id: whole(1), isOnlyNow: flag }),
  Answers.done,
);
export const WATCH_OPEN = request<HitParams, null>("watches.open", "open a watched page", hitParams, Answers.done);
export const WATCH_SHUT = request<HitParams, ShutAnswer>(
  "watches.shut",
  "close a watched page",
  hitParams,
  Answers.plain(object<ShutAnswer>({ hit: optional(watchHit) })),
);
export const WATCH_SUSPEND = request<NoParams, null>("watches.suspend", "let everybody store", noParams, Answers.done);
export const WATCH_RESUME = request<NoParams, null>("watches.resume", "watch again", noParams, Answers.done);
export const WATCH_CLOSE = request<NoParams, null>("watches.close", "end all watches", noParams, Answers.done);
export const WATCH_HIT = new NotificationType<WatchHit>("watches.hit");
export const WATCH_HURRY = new NotificationType<WatchHurry>("watches.hurry");
export const WATCH_MISS = new NotificationType<WatchMiss>("watches.miss");
/** Scans a process without arming or changing anything. */
export const SNAPSHOT = request<SnapshotParams, Snapshot>(
  "snapshot",
  "scan a process",
  object<SnapshotParams>({
    pid,
    request: optional(
      object<SnapshotRequest>({
        query: object<PageQuery>({ required: mask, anyOf: mask, inverted: mask, reported: mask }),
        where: optional(object<MemoryChoice>(choice)),
      }),
    ),
  }),
  Answers.snapshot,
);
/** What {@link ForkHandle} offers; an agent's process keeps one pair. */
export const FORK_LOOK = request<ForkPair, ForkLook>(
  "fork.look",
  "compare two processes",
  object<ForkPair>({ parent: pid, child: pid }),
  Answers.forkLook,
);
/** What {@link TrackerHandle.saveCore} offers. */
export const SAVE_CORE = request<SaveCoreParams, CoreReport>(
  "saveCore",
  "save the program's memory",
  saveCoreParams,
  Answers.plain(coreReport),
);
/** What {@link TrackingAgent.joinCores} offers. */
export const JOIN_CORES = request<JoinCoresParams, number>(
  "joinCores",
  "join core files",
  joinCoresParams,
  Answers.plain(whole()),
);
/** How far the one that is being made is. */
export const CORE_PROGRESS = new NotificationType<CoreProgress>("core.progress");
/** What byte ranges of a process are called. */
export const NAMES = request<NamesParams, NamesAnswer>(
  "names",
  "name addresses",
  namesParams,
  Answers.plain(namesAnswer),
);
/** The bytes of a process's pages. */
export const READ = request<{ readonly pid: number; readonly pages: Float64Array }, ReadPages>(
  "read",
  "read pages",
  object<{ readonly pid: number; readonly pages: Float64Array }>({ pid, pages: instance(Float64Array) }),
  Answers.readPages,
);
/** What the kernel offers. */
export const CAPABILITIES = request<NoParams, CapabilityReport>(
  "capabilities",
  "tell what the kernel offers",
  noParams,
  Answers.capabilities,
);

/** Sent when the agent is ready, and each second while an answer is being made: arming gigabytes takes long, and is not silence. */
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

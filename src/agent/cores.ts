// Core files as an agent makes them: what is asked and answered, and what an armed process's chain of them stands on.
import { flag, instance, list, number, object, oneOf, optional, text, whole } from "../common/shape.ts";
import { NO_BASE, newId } from "../core/chain.ts";
import { type JoinOptions, joinCores, type NamedSource } from "../core/join.ts";
import { type CoreProcess, REGISTERS_SIZE } from "../core/notes.ts";
import type { FilePages } from "../core/pieces.ts";
import { type CoreSink, MemorySink } from "../core/sink.ts";
import { type TakenCore, type TakeOptions, takeCore } from "../core/take.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { RegionVector } from "../kernel/region-vector.ts";
import { PageSet } from "../memory/page-set.ts";
import type { Layout } from "../tracker/reports.ts";
import { POPULATED_WRITTEN, scanSet } from "../tracker/scans.ts";

export interface SaveCoreParams {
  readonly pid: number;
  /** Where to; absent: the answer brings the bytes, of which there may be few only. */
  readonly path?: string | undefined;
  readonly files: FilePages;
  /** Only what was written since the file before, of a process that has been armed since. */
  readonly since: boolean;
  /**
   * A debugger holds it, and told these registers, each a struct user_regs_struct, the thread to look at first first; whose they are
   * their stack pointers tell. Absent: nobody traces the process.
   */
  readonly held?: readonly Uint8Array[] | undefined;
}

export interface CoreReport extends Omit<TakenCore, "stored"> {
  /** 0 for a full one. */
  readonly sequence: number;
  readonly bytes?: Uint8Array | undefined;
}

export interface JoinCoresParams {
  readonly paths: readonly string[];
  readonly target: string;
  /** Whether they are given in any order; else in that in which they were saved, and another one is refused. */
  readonly sort?: boolean | undefined;
}

/** Bytes of memory that a file had, and of those already written. */
export interface CoreProgress {
  readonly done: number;
  readonly all: number;
}

/** What is not the kernel interface's: what else an operating system tells of a process, and files. */
export interface CoreHost {
  /** @throws {KernelError} there is no such process. */
  describe(pid: number): CoreProcess;
  /** Writes a file that has its name when it is whole. */
  write<T>(path: string, work: (sink: CoreSink) => Promise<T>): Promise<T>;
  /** Opens files, for as long as the work takes. */
  reading<T>(paths: readonly string[], work: (sources: readonly NamedSource[]) => Promise<T>): Promise<T>;
}

/** One for where there is nothing but the kernel interface: one thread without registers, and files in memory. */
export const NO_HOST: CoreHost = {
  describe: pid => ({
    ...{ pid, parent: 0, group: pid, session: pid, user: 0, userGroup: 0, state: "T", nice: 0 },
    ...{ name: "", command: "", auxv: new Uint8Array(), threads: [{ id: pid }], signal: 0 },
  }),
  write: () => Promise.reject(new Error("Here is no file system to write to.")),
  reading: () => Promise.reject(new Error("Here is no file system to read from.")),
};

/** The most that an answer brings, bytes. */
const MOST_BYTES = 256 << 20;
const MOST_PATHS = 10_000;
const path = text(3 * 4096);
const threadId = whole(1, 2 ** 31 - 1);

export const saveCoreParams = object<SaveCoreParams>({
  pid: threadId,
  path: optional(path),
  files: oneOf<FilePages>("changed", "in memory"),
  since: flag,
  held: optional(list(bytesOf(REGISTERS_SIZE), 1 << 16)),
});
export const coreReport = object<CoreReport>({
  size: number(0),
  pageBytes: number(0),
  inheritedPages: whole(),
  unreadablePages: whole(),
  threads: whole(),
  remarks: list(text(8192)),
  sequence: whole(),
  bytes: optional(instance(Uint8Array)),
});
export const joinCoresParams = object<JoinCoresParams>({
  paths: list(path, MOST_PATHS),
  target: path,
  sort: optional(flag),
});
export const coreProgress = object<CoreProgress>({ done: number(0), all: number(0) });

function bytesOf(length: number): ReturnType<typeof instance<Uint8Array>> {
  const shape = instance(Uint8Array);
  return {
    problem: (value, at) =>
      shape.problem(value, at) ??
      ((value as Uint8Array).length === length ? undefined : `${at} has not ${length} bytes`),
  };
}

/** What the next file of an armed process's chain follows on. */
export interface CoreChain {
  readonly pid: number;
  readonly id: string;
  readonly sequence: number;
  /** Pages that the files so far tell. */
  readonly stored: PageSet;
  /** Pages that may have changed since, as the tracker's reports told it. */
  changed: PageSet;
}

export interface ArmedProcess {
  readonly pid: number;
  readonly layout: Layout;
  /** See {@link Tracker.untold}. */
  readonly untold: PageSet;
}

export interface SaveSurroundings {
  readonly kernel: Kernel;
  readonly host: CoreHost;
  /** Of the armed process; undefined where nothing is armed. */
  readonly armed: ArmedProcess | undefined;
  readonly chain: CoreChain | undefined;
  readonly turn: () => Promise<void>;
  readonly onProgress: (progress: CoreProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @returns the report, and what the next file follows on: undefined where the process is not armed.
 * @throws {Error} only what was written since is asked for, and nobody has kept account of that, with what to do; as {@link takeCore}.
 */
export async function saveCoreFile(
  params: SaveCoreParams,
  surroundings: SaveSurroundings,
): Promise<{ readonly report: CoreReport; readonly chain: CoreChain | undefined }> {
  const { kernel, host, turn, onProgress, signal } = surroundings;
  const { pid } = params;
  const armed = surroundings.armed?.pid === pid ? surroundings.armed : undefined;
  const before = params.since ? chainOf(surroundings, pid) : undefined;
  const sequence = before ? before.sequence + 1 : 0;
  const identity = { id: newId(), base: before?.id ?? NO_BASE, sequence };
  const options: TakeOptions = {
    files: params.files,
    identity,
    unchanged: before && armed && unchangedSince(kernel, before, armed),
    held: params.held,
    onProgress: (done, all) => onProgress({ done, all }),
    signal,
    turn,
  };
  const take = (sink: CoreSink): Promise<TakenCore> => takeCore(kernel, pid, host.describe, sink, options);
  const memory = new MemorySink(MOST_BYTES);
  const { stored, ...taken } = params.path === undefined ? await take(memory) : await host.write(params.path, take);
  const chain = armed && { pid, id: identity.id, sequence, stored, changed: PageSet.EMPTY };
  return { report: { ...taken, sequence, ...(params.path === undefined ? { bytes: memory.bytes() } : {}) }, chain };
}

function chainOf({ chain, armed }: SaveSurroundings, pid: number): CoreChain {
  if (chain?.pid === pid && armed?.pid === pid) return chain;
  throw new Error(
    armed?.pid === pid
      ? "No core of this run has been saved since the memory was armed: save a full one first."
      : "What was written since the last core is known only of armed memory: arm the program, save a full core, and let it run.",
  );
}

/** Of the pages that the files so far tell, those that hold still what they hold there. Arms nothing: the next step tells its writes as ever. */
function unchangedSince(kernel: Kernel, chain: CoreChain, { layout, untold }: ArmedProcess): PageSet {
  const pagemap = kernel.openPagemap(chain.pid);
  try {
    const written = scanSet(pagemap, POPULATED_WRITTEN, new RegionVector(1 << 14));
    const unseen = PageSet.from(layout.unseen.map(({ start, end }) => [start, end]));
    return chain.stored.subtract(chain.changed).subtract(untold).subtract(written).subtract(unseen);
  } finally {
    pagemap.close();
  }
}

/** Joins the files of a chain. @returns bytes of the joined file. @throws as {@link joinCores}. */
export function joinCoreFiles(
  host: CoreHost,
  { paths, target, sort = false }: JoinCoresParams,
  options: Omit<JoinOptions, "sort">,
): Promise<number> {
  return host.reading(paths, sources => host.write(target, sink => joinCores(sources, sink, { ...options, sort })));
}

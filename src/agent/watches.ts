// What a debug session asks of an agent about watches (Stop at Write), in whichever process that one works.
import type { Disposable } from "../common/disposable.ts";
import { flag, instance, list, number, object, oneOf, optional, type Shape, text, whole } from "../common/shape.ts";
import type {
  ByteRange,
  WatchedPart,
  WatchHit,
  WatchHurry,
  WatchMiss,
  WatchOptions,
  WatchReport,
  WatchWarning,
} from "../tracker/watches/reports.ts";

/**
 * One tracker's watches. The tracker must be armed, and the process must stand still during `attach`, `set`, `look` and `close`; `pass`,
 * `open` and `shut` are for either. Where the agent dies, all are let through and nothing is watched.
 */
export interface WatchHandle {
  /**
   * Takes the userfaultfd that the debuggee opened with WATCH_UFFD_FLAGS; it should close its own then.
   * @param descriptor absent where it could not open one (EPERM): then all ranges are watched by polling.
   * @throws {KernelError} as for the tracker's own.
   */
  attach(pid: number, descriptor?: number): Promise<void>;
  /**
   * Watches these ranges and no others; an empty list watches nothing. What is refused is told in the report, and throws nothing.
   * @throws {Error} nothing is attached, or a range is none.
   */
  set(ranges: readonly ByteRange[], options?: WatchOptions): Promise<WatchReport>;
  /** What is watched now, after the program may have unmapped, moved or replaced memory. */
  look(): Promise<WatchReport>;
  /** A store was found. Where it waits, it does until {@link pass}, and its thread with it. */
  onHit(listener: (hit: WatchHit) => void): Disposable;
  /** A store beside the watched ranges, in a page of theirs, waits to be stepped over; see {@link WatchOptions.misses}. */
  onMiss(listener: (miss: WatchMiss) => void): Disposable;
  /** Misses came too fast to be stepped over, all of them. */
  onHurry(listener: (hurry: WatchHurry) => void): Disposable;
  /**
   * Lets the store of a hit, or of a miss that waits, through, at once or, where its thread was stopped meanwhile, when it comes again. The page is protected again as
   * soon as it is done. One that is unknown, or done already, is no error.
   * @param isOnlyNow nothing is done where its thread is stopped: it is told again when it comes again. For stores that a debugger has a
   * program make while it stands, in a call of its own.
   */
  pass(id: number, isOnlyNow?: boolean): Promise<void>;
  /**
   * Lets stores to the page of a hit or miss through until {@link shut}: for a debugger that has the one thread make one instruction while
   * the others stand, which loses nothing.
   */
  open(id: number): Promise<void>;
  /**
   * Protects that page again; the store counts as passed.
   * @returns the hit, where a miss proves to have reached into a watched range.
   */
  shut(id: number): Promise<WatchHit | undefined>;
  /**
   * Lets everybody store, until {@link resume}: to a debugger that would write to watched memory (a variable, a frame for a call) the
   * kernel says EIO. What is written meanwhile the next scan tells. Takes as long as setting the watches anew.
   */
  suspend(): Promise<void>;
  /** What waited before and was not passed is the same hit when it comes again. */
  resume(): Promise<void>;
  /** Ends all watches; the tracker goes on. */
  close(): Promise<void>;
}

/** More are refused. */
const MOST_RANGES = 100_000;

const id = whole(1);
const range = whole(0, MOST_RANGES);
/** The system's number of a thread. */
const thread = whole(0, 2 ** 31 - 1);
const words = text(4096);

export const byteRanges: Shape<readonly ByteRange[]> = list(
  object<ByteRange>({ start: whole(), end: whole() }),
  MOST_RANGES,
);

export const watchOptions = object<WatchOptions>({
  misses: optional(oneOf("auto", "step", "pass")),
  mostPages: optional(whole()),
});

export const watchReport = object<WatchReport>({
  parts: list(
    object<WatchedPart>({
      ...{ start: whole(), end: whole(), range, way: oneOf("stop", "poll"), why: optional(words) },
      inPrivateFile: optional(object<ByteRange>({ start: whole(), end: whole() })),
    }),
  ),
  warnings: list(object<WatchWarning>({ start: whole(), end: whole(), range, refused: flag, reason: words })),
  pages: whole(),
  edgePages: whole(),
  exact: flag,
  microseconds: number(0),
});

export const watchHit = object<WatchHit>({
  id,
  address: whole(),
  threadId: thread,
  by: oneOf("store", "system call", "another process", "unknown"),
  waits: flag,
  pc: optional(number()),
  systemCall: optional(
    object<{ readonly number: number; readonly args: readonly number[] }>({
      number: number(),
      args: list(number(), 6),
    }),
  ),
  range,
  start: whole(),
  before: instance(Uint8Array),
  after: optional(instance(Uint8Array)),
  changed: optional(byteRanges),
  words: optional(words),
});

export const watchHurry = object<WatchHurry>({ range, count: whole(1) });

export const watchMiss = object<WatchMiss>({ id, address: whole(), threadId: thread, pc: optional(number()) });

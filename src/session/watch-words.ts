// What Stop at Write tells, in words: of a store, of a system call that stored, and of how a watch stands.
import type { WatchHit, WatchReport } from "../tracker/watches/reports.ts";
import type { WatchRequest } from "./watch-hit.ts";

/** System calls that write a program's memory (x86-64), and how many of their arguments are theirs. */
const CALLS: Readonly<Record<number, readonly [string, number]>> = {
  0: ["read", 3],
  4: ["stat", 2],
  5: ["fstat", 2],
  7: ["poll", 3],
  13: ["rt_sigaction", 4],
  14: ["rt_sigprocmask", 4],
  16: ["ioctl", 3],
  17: ["pread64", 4],
  19: ["readv", 3],
  22: ["pipe", 1],
  35: ["nanosleep", 2],
  45: ["recvfrom", 6],
  47: ["recvmsg", 3],
  53: ["socketpair", 4],
  63: ["uname", 1],
  79: ["getcwd", 2],
  89: ["readlink", 3],
  96: ["gettimeofday", 2],
  98: ["getrusage", 2],
  99: ["sysinfo", 1],
  202: ["futex", 6],
  217: ["getdents64", 3],
  228: ["clock_gettime", 2],
  232: ["epoll_wait", 4],
  262: ["newfstatat", 4],
  267: ["readlinkat", 4],
  281: ["epoll_pwait", 6],
  293: ["pipe2", 2],
  295: ["preadv", 5],
  299: ["recvmmsg", 5],
  310: ["process_vm_readv", 6],
  318: ["getrandom", 3],
  327: ["preadv2", 6],
  332: ["statx", 5],
};

/** Numbers from here on are told as addresses. */
const SMALL = 1 << 20;

/** "read(3, 0x7f12345000, 5)". */
export function systemCallWords({
  number,
  args,
}: {
  readonly number: number;
  readonly args: readonly number[];
}): string {
  const [name, count] = CALLS[number] ?? [`system call ${number}`, args.length];
  return `${name}(${args.slice(0, count).map(numberWords).join(", ")})`;
}

/** One sentence, without its full stop: what happened to what is watched. */
export function hitWords({ what, ranges }: WatchRequest, hit: WatchHit, isDone: boolean): string {
  const range = ranges.find(({ start, end }) => hit.address >= start && hit.address < end) ?? ranges[0];
  const offset = range ? hit.address - range.start : 0;
  const where = offset > 0 ? `${what} (byte ${offset})` : what;
  switch (hit.by) {
    case "store":
      return `Stopped ${isDone ? "after" : "before"} a write to ${where}`;
    case "system call":
      return `${where} was written by ${hit.systemCall ? systemCallWords(hit.systemCall) : "a system call"}`;
    case "another process":
      return `${where} was written by another process (${hit.threadId})`;
    case "unknown":
      return `${where} has changed: ${hit.words ?? "by whom is not known"}`;
  }
}

/** What the user should know of watches, by the number of their range: a sentence each. */
export function reportNotes(
  report: WatchReport,
  sizeOf: (range: number) => number,
): ReadonlyMap<number, readonly string[]> {
  const notes = new Map<number, string[]>();
  const note = (range: number, words: string): void => {
    const known = notes.get(range) ?? [];
    if (!known.includes(words)) notes.set(range, [...known, words]);
  };
  for (const { range, reason } of report.warnings) note(range, reason);
  for (const { range, way, why } of report.parts) {
    if (way === "poll")
      note(range, `Told a moment after the write, without its line: ${why ?? "it is looked at again and again"}`);
    if (sizeOf(range) <= 8)
      note(
        range,
        "For up to 8 bytes the debugger's own data breakpoint (Break on Value Change) costs nothing beside them.",
      );
  }
  return notes;
}

const HURRIED = "Stores beside it, in its page, come too fast to be let through one at a time";

/** @param count misses that were let through while all threads ran; a power of two. */
export function hurryNote(count: number): string {
  const some = count === 1 ? "1 was" : `${count} and more were`;
  return `${HURRIED}: ${some} let through while the program ran, and a store into it within microseconds of one is told after it is done. The setting writewatch.stopAtWrite.misses has each one wait.`;
}

export function isHurryNote(note: string): boolean {
  return note.startsWith(HURRIED);
}

function numberWords(value: number): string {
  return value >= SMALL ? `0x${value.toString(16)}` : String(value);
}

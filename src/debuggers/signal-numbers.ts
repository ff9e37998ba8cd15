// Numbers of signals (Linux on x86-64, signal(7)), by the names that debuggers give them.

const NAMES =
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";

const NUMBERS: ReadonlyMap<string, number> = new Map(NAMES.split(" ").map((name, i) => [`SIG${name}`, i + 1]));

/** Signals from here on are queued, however many; of one below a second is dropped while the first is pending. */
export const FIRST_REALTIME = 34;
const LAST_REALTIME = 64;

/** @param name for example "SIGALRM", "SIGRTMIN+3", "SIG33". @returns undefined for what is no signal's name. */
export function signalNumber(name: string): number | undefined {
  const [, base, offset] = /^SIG(?:RT(MIN|MAX))?([+-]?\d+)?$/.exec(name) ?? [];
  if (base === "MIN") return FIRST_REALTIME + Number(offset ?? 0);
  if (base === "MAX") return LAST_REALTIME + Number(offset ?? 0);
  return offset === undefined ? NUMBERS.get(name) : Number(offset);
}

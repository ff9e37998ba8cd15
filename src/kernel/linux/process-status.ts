// What /proc tells of a process before anything is done to it: its state, the file that it runs, and who holds it.
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import type { ProcessStatus } from "../kernel.ts";

const DELETED = " (deleted)";
/** The line of a process's ancestors is short; nothing here may run on. */
const MOST_ANCESTORS = 256;

/** See {@link Kernel.status}. */
export function processStatus(pid: number, program?: string): ProcessStatus | undefined {
  const process = attempt(() => statusOf(pid));
  if (process === undefined) return undefined;
  const executable = attempt(() => readlinkSync(`/proc/${pid}/exe`));
  const isProgram = executable === undefined || program === undefined ? undefined : runs(pid, executable, program);
  return {
    process,
    own: statusOf("self"),
    ...(executable === undefined ? {} : { executable }),
    ...(isProgram === undefined ? {} : { runsProgram: isProgram }),
    tracedFromHere: descends(numberIn(process, "TracerPid"), numberIn(statusOf("self"), "PPid")),
    userfaultfds: attempt(() => userfaultfdsOf(pid)) ?? [],
  };
}

function userfaultfdsOf(pid: number): number[] {
  const folder = `/proc/${pid}/fd`;
  const found = readdirSync(folder).filter(
    descriptor => attempt(() => readlinkSync(`${folder}/${descriptor}`)) === "anon_inode:[userfaultfd]",
  );
  return found.map(Number).sort((a, b) => a - b);
}

/** Compared as files: a program has many names, and by the process's own name for it the debugger may know another file. */
function runs(pid: number, executable: string, program: string): boolean | undefined {
  const wanted = attempt(() => statSync(program));
  if (!wanted?.isFile()) return undefined;
  const run = attempt(() => statSync(`/proc/${pid}/exe`));
  if (!run) return undefined;
  if (run.dev === wanted.dev && run.ino === wanted.ino) return true;
  // Compiled anew since: the file that it runs has lost its name to another.
  if (executable === realpathSync(program) + DELETED) return true;
  // Of a script it runs the interpreter, and of that whatever it likes.
  return attempt(() => firstBytes(program)) === "#!" ? undefined : false;
}

/** Not the whole: a program has gigabytes at times. */
function firstBytes(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = new Uint8Array(2);
    readSync(file, bytes);
    return String.fromCharCode(...bytes);
  } finally {
    closeSync(file);
  }
}

function descends(pid: number, ancestor: number): boolean {
  let now = pid;
  for (let i = 0; i < MOST_ANCESTORS && now > 0; i += 1) {
    if (now === ancestor) return true;
    now = numberIn(attempt(() => statusOf(now)) ?? "", "PPid");
  }
  return false;
}

function numberIn(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\t(\\d+)$`, "m").exec(status)?.[1] ?? 0);
}

function statusOf(pid: number | "self"): string {
  return readFileSync(`/proc/${pid}/status`, "latin1");
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

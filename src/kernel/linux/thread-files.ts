// Short files of /proc about one thread that are read often: kept open, since to open one takes longer than to read it.
import { closeSync, openSync, readSync } from "node:fs";

/** With more, the one unused for longest is closed. */
const MOST_OPEN = 128;
/** A thread's stat and syscall are shorter. */
const LONGEST = 1024;

const open = new Map<string, number>();
const buffer = Buffer.allocUnsafeSlow(LONGEST);

/** @returns the text of /proc/PID/task/TID/NAME; "" where there is no such thread, or it is not ours to read. */
export function threadFile(pid: number, threadId: number, name: "stat" | "syscall"): string {
  const path = `/proc/${pid}/task/${threadId}/${name}`;
  try {
    const known = open.get(path);
    const descriptor = known ?? openSync(path, "r");
    if (known !== undefined) open.delete(path);
    open.set(path, descriptor);
    if (open.size > MOST_OPEN) forget(open.keys().next().value ?? path);
    return buffer.toString("latin1", 0, readSync(descriptor, buffer, 0, LONGEST, 0));
  } catch {
    // The number may belong to another thread by now, which the open file does not.
    if (!forget(path)) return "";
    return threadFile(pid, threadId, name);
  }
}

function forget(path: string): boolean {
  const descriptor = open.get(path);
  if (descriptor === undefined) return false;
  open.delete(path);
  closeSync(descriptor);
  return true;
}

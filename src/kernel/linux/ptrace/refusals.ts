// Why no call can be made in a process: told before anything is done to it.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { Errno } from "../../errno.ts";
import { KernelError } from "../../kernel-error.ts";
import { statusFields, whySeccompForbids } from "../../status-text.ts";

/** ELF header: the file's class (2: 64 bits) and its machine (62: x86-64, 183: aarch64). */
const ELF = { CLASS: 4, MACHINE: 18, CLASS64: 2, X86_64: 62, AARCH64: 183 } as const;

/** The number of the kernel's thread that starts all others. */
const KTHREADD = 2;

/**
 * @throws {Error} with the reason why a call in the process would harm it, or is impossible, and the remedy; {KernelError} ESRCH.
 */
export function requireCallable(pid: number): void {
  const what = requireTraceable(pid);
  refuseFiltered(pid, pid);
  if (!isNative(pid))
    throw new Error(`${what} is a 32-bit program: no call can be made in it, since its system calls are other ones.`);
}

/**
 * The same of stopping it.
 * @returns what the process is called.
 */
export function requireTraceable(pid: number): string {
  const text = statusOf(pid, pid);
  if (text === undefined) throw new KernelError("ptrace", `process ${pid}`, Errno.ESRCH, `No process has that number.`);
  const status = statusFields(text);
  const what = `process ${pid} (${status.get("Name")})`;
  if (pid === process.pid) throw new Error(`${what} is the agent itself, which can't stop itself.`);
  if (!status.has("VmSize")) {
    // Before Linux 6.8 only its parent tells, kthreadd.
    const isKernels = status.get("Kthread") === "1" || pid === KTHREADD || status.get("PPid") === String(KTHREADD);
    throw new Error(
      isKernels ? `${what} is a thread of the kernel's, which has no memory of its own.` : `${what} has ended.`,
    );
  }
  refuseTraced(what, Number(status.get("TracerPid")));
  return what;
}

/** The same of one thread, whose filters are its own. @throws {Error} */
export function refuseFiltered(pid: number, thread: number): void {
  const text = statusOf(pid, thread);
  if (text === undefined) return;
  const status = statusFields(text);
  const what = `${thread === pid ? "process" : "thread"} ${thread} (${status.get("Name")})`;
  const why = whySeccompForbids(what, status, statusFields(readFileSync("/proc/self/status", "latin1")));
  if (why) throw new Error(why);
}

function refuseTraced(what: string, tracer: number): void {
  if (tracer === 0 || tracer === process.pid) return;
  throw new Error(
    `${what} is traced already by process ${tracer}${nameOf(tracer)}, and may have one tracer only: ` +
      "detach that one, or debug and arm through it.",
  );
}

function nameOf(pid: number): string {
  try {
    return ` (${readFileSync(`/proc/${pid}/comm`, "utf8").trim()})`;
  } catch {
    return "";
  }
}

function statusOf(pid: number, thread: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/status`, "latin1");
  } catch {
    return undefined;
  }
}

/** Where the file can't be read, its registers tell later. */
function isNative(pid: number): boolean {
  const header = new Uint8Array(20);
  try {
    const file = openSync(`/proc/${pid}/exe`, "r");
    try {
      readSync(file, header);
    } finally {
      closeSync(file);
    }
  } catch {
    return true;
  }
  const machine = process.arch === "arm64" ? ELF.AARCH64 : ELF.X86_64;
  return header[ELF.CLASS] === ELF.CLASS64 && header[ELF.MACHINE] === machine;
}

// Yama (security/yama): whether it is what forbids us to attach, and what to do then.
import { readFileSync } from "node:fs";
import { KernelError } from "../kernel-error.ts";

const REMEDY =
  "Yama forbids attaching to a process that is no child (kernel.yama.ptrace_scope): run 'sudo sysctl kernel.yama.ptrace_scope=0'.";

/** The refusal of an attempt to attach, with the remedy where Yama restricts such attempts. */
export function toldByYama(refusal: KernelError): KernelError {
  const { call, target, errno, code } = refusal;
  const forbidden = code === "EPERM" || code === "EACCES";
  return forbidden && restricts() ? new KernelError(call, target, errno, REMEDY) : refusal;
}

function restricts(): boolean {
  try {
    return Number(readFileSync("/proc/sys/kernel/yama/ptrace_scope", "latin1")) > 0;
  } catch {
    return false;
  }
}

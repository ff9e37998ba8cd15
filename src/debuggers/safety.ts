// Whether a call may be run in a process at all: told before anything is done to it.
import type { ProcessStatus } from "../kernel/kernel.ts";

/**
 * Why no system call may be run in a process, in words; undefined where one may.
 * @param pid as the debugger tells it.
 * @param status undefined where no process has that number.
 */
export function whyUnsafe(pid: number, status: ProcessStatus | undefined): string | undefined {
  if (!status) {
    return `The debugger says that it debugs process ${pid}, but this computer has none of that number: the program must run where VS Code's extensions run.`;
  }
  const process = fields(status.process);
  const own = fields(status.own);
  const what = `process ${pid} (${process.get("Name")})`;
  if (process.get("TracerPid") === "0") {
    return `The debugger says that it debugs ${what}, but no debugger holds that one on this computer: the program must run where VS Code's extensions run.`;
  }
  if (!/^[tTD]/.test(process.get("State") ?? "t")) {
    return `The debugger says that the program stands, but ${what} is running.`;
  }
  if (process.get("Seccomp") === "1") {
    return `In ${what} any system call but read, write and exit ends it (seccomp's strict mode): it can't be armed. Arm before it enters that mode, or debug it without.`;
  }
  // The filters of a container are over us, too, and do not kill; they refuse, and the kernel's answer is told then.
  if (filters(process) > filters(own)) {
    return `A seccomp filter of its own restricts ${what}, and may end it for the one system call that arming needs (userfaultfd): it is not tried. Arm before the program installs its filter, or run it without its sandbox.`;
  }
  return undefined;
}

function filters(status: ReadonlyMap<string, string>): number {
  // Linux before 5.9 tells only whether there are any.
  return Number(status.get("Seccomp_filters") ?? (status.get("Seccomp") === "2" ? 1 : 0));
}

function fields(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^(\w+):\t(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

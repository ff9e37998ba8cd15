// The text of /proc/PID/status (proc_pid_status(5)), and what it tells of seccomp: whether a call of ours could end the program.

/** Its fields by name: "TracerPid" → "0". */
export function statusFields(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^(\w+):\t(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

/**
 * Why seccomp forbids to run a call in a process or thread, in words; undefined where it does not.
 * @param what it is called, with its number.
 * @param own our process's fields.
 */
export function whySeccompForbids(
  what: string,
  process: ReadonlyMap<string, string>,
  own: ReadonlyMap<string, string>,
): string | undefined {
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

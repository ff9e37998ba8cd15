// Why a process does not let us look into it, told from what everybody may read of it: whose it is, and with whose rights it runs.
import { readFileSync } from "node:fs";
import { KernelError } from "../kernel-error.ts";

/** The refusal with a remedy of its own, where it is one of rights; others as they are. */
export function toldByRights(pid: number, refusal: KernelError): KernelError {
  const { call, target, errno, code, remedy } = refusal;
  if (remedy !== undefined || (code !== "EPERM" && code !== "EACCES")) return refusal;
  const why = whyRefused(pid);
  return why === undefined ? refusal : new KernelError(call, target, errno, why);
}

function whyRefused(pid: number): string | undefined {
  const own = process.geteuid?.();
  const [real, effective, saved] = usersOf(pid) ?? [];
  if (own === undefined || real === undefined) return undefined;
  if (real === own && effective === own && saved === own) {
    return (
      "The process is yours, but does not let itself be looked into: it asked for that (prctl PR_SET_DUMPABLE), its file may be run and not read, " +
      "or it has capabilities that you lack. Debug it as root, or without what makes it so."
    );
  }
  if (real === own) {
    return (
      `You started the process, but it runs with the rights of user ${effective} (setuid): debug it as root, ` +
      "or run a copy of its file without the setuid bit."
    );
  }
  return `The process belongs to user ${real}, and you are user ${own}: debug it as that user, or as root.`;
}

/** Its real, effective and saved user. */
function usersOf(pid: number): number[] | undefined {
  try {
    const [, numbers] = /^Uid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return numbers?.split("\t").map(Number);
  } catch {
    return undefined;
  }
}

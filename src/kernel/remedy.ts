// What to do about a refused system call, in words for the person at the debugger.
import { KernelError } from "./kernel-error.ts";

/** A sentence or two: what was tried, what the kernel answered, and the remedy. Other errors are told by their message. */
export function explainKernelError(error: unknown): string {
  if (!(error instanceof KernelError)) return error instanceof Error ? error.message : String(error);
  const remedy = error.remedy ?? remedyFor(error);
  return remedy ? `${error.message}. ${remedy}` : error.message;
}

function remedyFor({ code, call }: KernelError): string | undefined {
  if (call.includes("PAGEMAP_SCAN") && (code === "ENOTTY" || code === "EINVAL")) {
    return "This kernel has no PAGEMAP_SCAN: Linux 6.7 or later is needed.";
  }
  if (call === "userfaultfd" && code === "ENOSYS") {
    return "This kernel was built without userfaultfd (CONFIG_USERFAULTFD), or a seccomp profile (a container's) forbids it.";
  }
  if (call === "userfaultfd" && code === "EPERM") {
    return (
      "A seccomp profile (a container's) or the kernel's policy forbids userfaultfd to this program; " +
      "allow the system call userfaultfd in the profile."
    );
  }
  if (call.includes("UFFDIO_API") && code === "EINVAL") {
    return "This kernel's userfaultfd can't write-protect asynchronously: Linux 6.7 or later is needed, with CONFIG_HAVE_ARCH_USERFAULTFD_WP.";
  }
  if (code === "EPERM" || code === "EACCES") {
    return "The process belongs to another user or has more rights than you: debug it as its own user, or as root.";
  }
  if (code === "ESRCH" || code === "ENOENT") return "The process has ended, or has replaced its program (exec).";
  if (code === "EMFILE") {
    return call === "userfaultfd"
      ? "The program has as many files open as it may, and userfaultfd opens one more: raise its limit (ulimit -n) before it starts."
      : "WriteWatch's agent has as many files open as it may: disarm other sessions, or raise the limit (ulimit -n).";
  }
  if (code === "ENFILE")
    return "This computer has too many files open: end other programs, or raise the limit (sysctl fs.file-max).";
  if (code === "ENOMEM") {
    return (
      "The kernel has no memory left for it: end other programs, or arm fewer mappings (the setting writewatch.watch). " +
      "Where the program has very many mappings, raise their limit (sysctl vm.max_map_count)."
    );
  }
  return undefined;
}

// A refused system call: which call, on what, and the errno the kernel gave.
import { errnoName } from "./errno.ts";

export class KernelError extends Error {
  readonly errno: number;
  /** The errno's name: "EPERM". */
  readonly code: string;
  /** The call that failed: "ioctl PAGEMAP_SCAN". */
  readonly call: string;
  /** What it was called on: "process 4711", "0x7f…-0x7f…". */
  readonly target: string;
  /** What to do about it, where whoever made the call knows better than the errno tells. */
  readonly remedy: string | undefined;

  constructor(call: string, target: string, errno: number, remedy?: string) {
    const code = errnoName(errno);
    super(`${call} on ${target} failed: ${code}`);
    this.name = "KernelError";
    this.call = call;
    this.target = target;
    this.errno = errno;
    this.code = code;
    this.remedy = remedy;
  }
}

/** Whether an error says that the process is gone, or the memory that was armed (after exec). */
export function isGone(error: unknown): boolean {
  return error instanceof KernelError && (error.code === "ESRCH" || error.code === "ENOENT");
}

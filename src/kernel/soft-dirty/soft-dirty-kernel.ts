// A kernel without asynchronous write protection, behind the kernel interface: soft-dirty bits tell what was written, nothing runs in the program.
import { formatAddress } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import { UffdFeature } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { Kernel, Pagemap, Userfaultfd } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { SoftDirtyAccount } from "./account.ts";
import type { PagemapFiles } from "./entries.ts";
import { scanAccount } from "./scan.ts";

/** Pages of the largest mapping whose entries are read, one by one, at each scan: 64 GiB. */
const MOST_PAGES = 1 << 24;

/**
 * The same processes, watched in another way. What that can't do: it can't tell a page of a mapping that came or grew since the last scan,
 * and was only read, from one that was written; a scan reads an entry for each page; bits are forgotten for the whole process at once, so
 * that another user of them (CRIU) loses its own; and what a thread stores while a scan runs may be lost.
 * @param ground for all else.
 */
export function softDirtyKernel(ground: Kernel, files: PagemapFiles): Kernel {
  const accounts = new Map<number, SoftDirtyAccount>();
  return {
    ...ground,
    backend: "soft-dirty",
    openPagemap: pid => pagemapOf(ground, files, pid, () => accounts.get(pid)),
    // The descriptor is of no program: none was opened in it.
    takeUserfaultfd(pid) {
      const account = new SoftDirtyAccount(ground, files, pid);
      accounts.set(pid, account);
      return protectorOf(account, () => {
        account.close();
        if (accounts.get(pid) === account) accounts.delete(pid);
      });
    },
  };
}

function pagemapOf(
  ground: Kernel,
  files: PagemapFiles,
  pid: number,
  account: () => SoftDirtyAccount | undefined,
): Pagemap {
  // Who only looks arms nothing, and has an account in which nothing is.
  const own = new SoftDirtyAccount(ground, files, pid);
  const scan: Pagemap["scan"] = (request, into) => {
    // Opened on memory that is gone it tells of no other.
    own.requireMemory();
    return scanAccount(account() ?? own, request, into);
  };
  return {
    scan,
    scanAhead: async (request, into) => scan(request, into),
    entries: (start, end) => own.entriesOf(start, end),
    close: () => own.close(),
  };
}

/** Stands where a userfaultfd stands elsewhere. */
function protectorOf(account: SoftDirtyAccount, onClose: () => void): Userfaultfd {
  const refuse = (start: number, end: number, errno: number): never => {
    throw new KernelError(
      "soft-dirty",
      `${formatAddress(start)}-${formatAddress(end)} of process ${account.pid}`,
      errno,
    );
  };
  return {
    negotiate(features) {
      if ((features & UffdFeature.WP_ASYNC) === 0)
        throw new KernelError("ioctl UFFDIO_API", "soft-dirty bits, which hold up no store", Errno.EINVAL);
      return features;
    },
    register(start, end) {
      if (end - start > MOST_PAGES) refuse(start, end, Errno.ENOMEM);
      if (
        account.mappings.some(
          mapping => mapping.start < end && start < mapping.end && /^\[v(var|dso|syscall)/.test(mapping.name),
        )
      )
        refuse(start, end, Errno.EINVAL);
      account.register(start, end);
    },
    unregister: (start, end) => account.unregister(start, end),
    // The process has stood since the bits were forgotten last: when the first memory was registered, or at the scan of this halt.
    writeProtect: (start, end) => account.protect(PageSet.of(start, end)),
    unprotect: () => {},
    readFaults: () => [],
    onFault: () => ({ dispose: () => {} }),
    close: onClose,
  };
}

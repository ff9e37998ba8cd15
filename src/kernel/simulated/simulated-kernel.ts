// The simulated machine behind the kernel interface, as the tracker sees any kernel.
import { formatAddress, PAGE_SIZE } from "../../memory/page.ts";
import { Uffd } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { Kernel, Pagemap, ScanRequest, ScanResult, Userfaultfd } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import type { RegionVector } from "../region-vector.ts";
import type { AddressSpace } from "./address-space.ts";
import { TABLE_PAGES } from "./entry.ts";
import { listMappings } from "./mapping-query.ts";
import type { OpenUserfaultfd } from "./open-file.ts";
import { orNoMemory } from "./out-of-memory.ts";
import { knownCategories } from "./pagemap-ioctl.ts";
import { scanPagemap } from "./pagemap-scan.ts";
import { readBytes } from "./populate.ts";
import { type Computer, dropDescription, type Process } from "./process.ts";
import { structOf } from "./user-struct.ts";
import { userfaultfdIoctl } from "./userfaultfd.ts";
import { finished } from "./work.ts";

/** @param machineOf the machine that a simulated process runs on; undefined where there is none of that PID. */
export function simulatedKernel(machineOf: (pid: number) => Computer | undefined): Kernel {
  const find = (pid: number): Process | undefined => machineOf(pid)?.process(pid);
  const living = (pid: number, call: string): Process => {
    const process = find(pid);
    if (!process?.isAlive) throw new KernelError(call, `process ${pid}`, Errno.ESRCH);
    return process;
  };
  return {
    backend: "simulated",
    openPagemap: pid => pagemapOf(living(pid, "open").mm, pid),
    takeUserfaultfd(pid, descriptor) {
      const description = living(pid, "pidfd_getfd").description(descriptor);
      if (description?.kind !== "userfaultfd") {
        throw new KernelError("pidfd_getfd", `descriptor ${descriptor} of process ${pid}`, Errno.EBADF);
      }
      return userfaultfdOf(description);
    },
    mappings: pid => listMappings(living(pid, "read maps").mm),
    readPages: (pid, runs, into) => readPages(living(pid, "process_vm_readv").mm, runs, into),
    mappingPageSize(pid, page) {
      const vma = find(pid)?.mm.vmas.at(page);
      return vma && (vma.isHugetlb ? TABLE_PAGES * PAGE_SIZE : PAGE_SIZE);
    },
    threadCount: pid => find(pid)?.threads ?? 0,
    hasSwap: pid => (machineOf(pid)?.swap.size ?? 0) > 0,
    isAlive: pid => find(pid)?.isAlive ?? false,
  };
}

function pagemapOf(mm: AddressSpace, pid: number): Pagemap {
  const scan = (request: ScanRequest, into: RegionVector): ScanResult => {
    const target = `process ${pid}`;
    if (!mm.isAlive && mm.machine.profile.deadScanFails) {
      throw new KernelError("ioctl PAGEMAP_SCAN", target, Errno.ESRCH);
    }
    const masks = request.inverted | request.required | request.anyOf | request.returned;
    if (masks & ~knownCategories(mm.machine.profile)) {
      throw new KernelError("ioctl PAGEMAP_SCAN", target, Errno.EINVAL);
    }
    let walkEnd = request.start;
    const result = orNoMemory(() => {
      const outcome = scanPagemap(mm, request, into.capacity, {
        put(index, start, end, categories) {
          into.set(index, start, end, categories);
          return 0;
        },
      });
      walkEnd = outcome.walkEnd;
      return outcome.result;
    });
    if (result < 0) throw new KernelError("ioctl PAGEMAP_SCAN", target, -result);
    return { regions: result, walkEnd };
  };
  return { scan, scanAhead: async (request, into) => scan(request, into), close: () => {} };
}

function userfaultfdOf(description: OpenUserfaultfd): Userfaultfd {
  const { context } = description;
  context.references += 1;
  let isOpen = true;
  const words = new BigUint64Array(4);
  const call = (request: number, what: string, target: string, ...values: number[]): void => {
    words.fill(0n);
    for (const [i, value] of values.entries()) words[i] = BigInt(value);
    const result = isOpen
      ? orNoMemory(() => finished(userfaultfdIoctl(context, request, structOf(words))))
      : -Errno.EBADF;
    if (result < 0) throw new KernelError(`ioctl ${what}`, target, -result);
  };
  const overRange = (request: number, what: string, start: number, end: number, mode: number): void =>
    call(
      request,
      what,
      `${formatAddress(start)}-${formatAddress(end)}`,
      start * PAGE_SIZE,
      (end - start) * PAGE_SIZE,
      mode,
    );
  return {
    negotiate(features) {
      call(Uffd.API_REQUEST, "UFFDIO_API", "the debuggee's userfaultfd", Uffd.API, features);
      return Number(words[1]);
    },
    register: (start, end) => overRange(Uffd.REGISTER_REQUEST, "UFFDIO_REGISTER", start, end, Uffd.REGISTER_MODE_WP),
    unregister: (start, end) => overRange(Uffd.UNREGISTER_REQUEST, "UFFDIO_UNREGISTER", start, end, 0),
    writeProtect: (start, end) =>
      overRange(Uffd.WRITEPROTECT_REQUEST, "UFFDIO_WRITEPROTECT", start, end, Uffd.WRITEPROTECT_MODE_WP),
    unprotect: (start, end) => overRange(Uffd.WRITEPROTECT_REQUEST, "UFFDIO_WRITEPROTECT", start, end, 0),
    readFaults: () => [],
    onFault: () => ({ dispose: () => {} }),
    close() {
      if (isOpen) dropDescription(description);
      isOpen = false;
    },
  };
}

/** process_vm_readv of page runs, one after another. @returns bytes read. */
function readPages(mm: AddressSpace, runs: Float64Array, into: Uint8Array): number {
  let done = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const length = (runs[i + 1] - runs[i]) * PAGE_SIZE;
    const from = runs[i] * PAGE_SIZE;
    const part = orNoMemory(() => readBytes(mm, from, into.subarray(done, done + length), "kernel").done);
    done += Math.max(0, part);
    if (part < length) break;
  }
  return done;
}

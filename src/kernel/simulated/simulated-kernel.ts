// The simulated machine behind the kernel interface, as the tracker sees any kernel.
import type { Disposable } from "../../common/disposable.ts";
import { formatAddress, PAGE_SIZE } from "../../memory/page.ts";
import { Uffd, UffdFeature, UffdMessage } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { BlockedCall, Kernel, Pagemap, ScanRequest, ScanResult, Userfaultfd, WriteFault } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import type { RegionVector } from "../region-vector.ts";
import { softDirtyKernel } from "../soft-dirty/soft-dirty-kernel.ts";
import type { AddressSpace } from "./address-space.ts";
import { TABLE_PAGES } from "./entry.ts";
import { listMappings } from "./mapping-query.ts";
import type { OpenUserfaultfd } from "./open-file.ts";
import { orNoMemory } from "./out-of-memory.ts";
import { knownCategories } from "./pagemap-ioctl.ts";
import { clearRefs, readPagemap } from "./pagemap-read.ts";
import { scanPagemap } from "./pagemap-scan.ts";
import { readBytes } from "./populate.ts";
import { type Computer, dropDescription, type Process } from "./process.ts";
import type { RegionSink } from "./scan-output.ts";
import { structOf } from "./user-struct.ts";
import { userfaultfdIoctl } from "./userfaultfd.ts";
import type { UserfaultfdContext } from "./userfaultfd-context.ts";
import type { Task } from "./waiting.ts";
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
    copyPages: (pid, start, end, to) => copyPages(living(pid, "process_vm_writev"), start, end, to),
    mappingPageSize(pid, page) {
      const vma = find(pid)?.mm.vmas.at(page);
      return vma && (vma.isHugetlb ? TABLE_PAGES * PAGE_SIZE : PAGE_SIZE);
    },
    threadCount: pid => find(pid)?.threads ?? 0,
    hasSwap: pid => (machineOf(pid)?.swap.size ?? 0) > 0,
    blockedCall: (pid, threadId) => blockedCall(find(pid)?.tasks.get(threadId)),
    isStopped: (pid, threadId) => find(pid)?.tasks.get(threadId)?.isStopped ?? false,
    faultsDone: (pid, threadId) => find(pid)?.tasks.get(threadId)?.faultsDone,
    isAlive: pid => find(pid)?.isAlive ?? false,
  };
}

/** The same machines, watched by soft-dirty bits: their profile must have them. */
export function simulatedSoftDirty(machineOf: (pid: number) => Computer | undefined): Kernel {
  return softDirtyKernel(simulatedKernel(machineOf), {
    open(pid) {
      const process = machineOf(pid)?.process(pid);
      if (!process?.isAlive) throw new KernelError("open", `process ${pid}`, Errno.ENOENT);
      const { mm } = process;
      return {
        read: (first, into) => (mm.isAlive ? readPagemap(mm, first, into) : 0),
        clear: () => void clearRefs(mm, 4),
        close: () => {},
      };
    },
    zeroFrame: () => 0n,
  });
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
      const outcome = finished(scanPagemap(mm, request, into.capacity, vectorSink(into)));
      walkEnd = outcome.walkEnd;
      return outcome.result;
    });
    if (result < 0) throw new KernelError("ioctl PAGEMAP_SCAN", target, -result);
    return { regions: result, walkEnd };
  };
  const entries = (start: number, end: number): Uint32Array => {
    const words = new BigUint64Array(end - start);
    if (mm.isAlive) readPagemap(mm, start, words);
    return new Uint32Array(words.buffer);
  };
  return { scan, scanAhead: async (request, into) => scan(request, into), entries, close: () => {} };
}

function vectorSink(into: RegionVector): RegionSink {
  return {
    // biome-ignore lint/correctness/useYield: nobody waits for memory of one's own.
    *put(first, { starts, ends, categories }, count) {
      for (let i = 0; i < count; i += 1) into.set(first + i, starts[i], ends[i], categories[i]);
      return 0;
    },
  };
}

function userfaultfdOf(description: OpenUserfaultfd): Userfaultfd {
  const { context } = description;
  context.references += 1;
  context.outsiders += 1;
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
    readFaults: () => (isOpen ? unreadFaults(context) : []),
    onFault: listener => onFault(context, listener),
    close() {
      if (!isOpen) return;
      isOpen = false;
      context.outsiders -= 1;
      dropDescription(description);
    },
  };
}

function unreadFaults(context: UserfaultfdContext): WriteFault[] {
  const faults: WriteFault[] = [];
  for (let fault = context.next(); fault; fault = context.next()) {
    const { address, task, flags } = fault;
    const threadId = context.features & UffdFeature.THREAD_ID ? task.id : 0;
    faults.push({ address, threadId, writeProtected: (flags & UffdMessage.FLAG_WP) !== 0 });
  }
  return faults;
}

/** The listener is called once the instruction is over whose access waits, as another process would hear of it no sooner. */
function onFault(context: UserfaultfdContext, listener: () => void): Disposable {
  let isHeard = true;
  const tell = (): void => queueMicrotask(() => isHeard && context.hasUnread && listener());
  if (context.hasUnread) tell();
  const subscription = context.held.listen(tell);
  return {
    dispose() {
      isHeard = false;
      subscription.dispose();
    },
  };
}

function blockedCall(task: Task | undefined): BlockedCall | undefined {
  if (!task || !(task.isWaiting || task.isStopped)) return undefined;
  const { pc, sp } = task.where?.() ?? { pc: 0, sp: 0 };
  const { entered } = task;
  if (!entered) return { kind: "store", pc, sp };
  const args = Array.from({ length: 6 }, (_, i) => Number(BigInt.asIntN(64, entered.args[i] ?? 0n)));
  return { kind: "system call", number: entered.number, args, pc, sp };
}

/** See {@link Kernel.copyPages}. */
function copyPages(process: Process, start: number, end: number, to: number): void {
  const bytes = new Uint8Array(PAGE_SIZE);
  for (let page = start; page < end; page += 1) {
    const isWhole =
      process.peek(page * PAGE_SIZE, bytes) === PAGE_SIZE &&
      process.poke((to + page - start) * PAGE_SIZE, bytes) === PAGE_SIZE;
    if (!isWhole)
      throw new KernelError("process_vm_writev", `${formatAddress(page)} of process ${process.pid}`, Errno.EFAULT);
  }
}

/** process_vm_readv of page runs, one after another. @returns bytes read. */
function readPages(mm: AddressSpace, runs: Float64Array, into: Uint8Array): number {
  let done = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const length = (runs[i + 1] - runs[i]) * PAGE_SIZE;
    const from = runs[i] * PAGE_SIZE;
    const part = orNoMemory(() => readBytes(mm, from, into.subarray(done, done + length), "debugger").done);
    done += Math.max(0, part);
    if (part < length) break;
  }
  return done;
}

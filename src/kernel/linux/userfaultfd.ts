// The userfaultfd calls (fs/userfaultfd.c) on a descriptor taken from the debuggee by pidfd_getfd.
import type { Disposable } from "../../common/disposable.ts";
import { formatAddress, PAGE_SIZE } from "../../memory/page.ts";
import { SystemCall, Uffd, UffdMessage } from "../abi.ts";
import type { Userfaultfd, WriteFault } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { listenForFaults } from "./fault-listener.ts";
import { libc } from "./libc.ts";
import { toldByRights } from "./rights.ts";
import { toldByYama } from "./yama.ts";

/** Faults read in one call. */
const MESSAGES = 64;

/**
 * Takes our copy of a userfaultfd that the debuggee has open.
 * @throws {KernelError} EPERM without the right to attach (another user's process, or Yama); EBADF no such descriptor;
 *   ESRCH no such process.
 */
export function takeUserfaultfd(pid: number, descriptor: number): Userfaultfd {
  const { systemCall, close } = libc();
  const pidfd = systemCall(SystemCall.pidfd_open, [pid, 0], "pidfd_open", `process ${pid}`);
  try {
    // The copy is close-on-exec by itself: pidfd_getfd sets that flag always.
    const target = `descriptor ${descriptor} of process ${pid}`;
    return userfaultfd(systemCall(SystemCall.pidfd_getfd, [pidfd, descriptor, 0], "pidfd_getfd", target));
  } catch (error) {
    throw error instanceof KernelError ? toldByRights(pid, toldByYama(error)) : error;
  } finally {
    close(pidfd);
  }
}

function userfaultfd(descriptor: number): Userfaultfd {
  const { ioctl, close, readNow } = libc();
  const words = new BigUint64Array(4);
  const argument = new Uint8Array(words.buffer);
  const messages = new Uint8Array(MESSAGES * UffdMessage.SIZE);
  const view = new DataView(messages.buffer);
  let listening: Disposable | undefined;

  const overRange = (request: number, what: string, start: number, end: number, mode: number): void => {
    words[0] = BigInt(start * PAGE_SIZE);
    words[1] = BigInt((end - start) * PAGE_SIZE);
    words[2] = BigInt(mode);
    words[3] = 0n;
    ioctl(descriptor, request, argument, what, () => `${formatAddress(start)}-${formatAddress(end)}`);
  };

  return {
    negotiate(features) {
      words[0] = BigInt(Uffd.API);
      words[1] = BigInt(features);
      words[2] = 0n;
      ioctl(descriptor, Uffd.API_REQUEST, argument, "UFFDIO_API", "the debuggee's userfaultfd");
      return Number(words[1]);
    },
    register: (start, end) => overRange(Uffd.REGISTER_REQUEST, "UFFDIO_REGISTER", start, end, Uffd.REGISTER_MODE_WP),
    unregister: (start, end) => overRange(Uffd.UNREGISTER_REQUEST, "UFFDIO_UNREGISTER", start, end, 0),
    writeProtect: (start, end) =>
      overRange(Uffd.WRITEPROTECT_REQUEST, "UFFDIO_WRITEPROTECT", start, end, Uffd.WRITEPROTECT_MODE_WP),
    unprotect: (start, end) => overRange(Uffd.WRITEPROTECT_REQUEST, "UFFDIO_WRITEPROTECT", start, end, 0),
    readFaults() {
      const faults: WriteFault[] = [];
      for (;;) {
        const bytes = readNow(descriptor, messages, "the debuggee's userfaultfd");
        for (let at = 0; at + UffdMessage.SIZE <= bytes; at += UffdMessage.SIZE) {
          if (view.getUint8(at + UffdMessage.AT.EVENT) === UffdMessage.PAGEFAULT) faults.push(faultAt(view, at));
        }
        if (bytes < messages.length) return faults;
      }
    },
    onFault(listener) {
      listening?.dispose();
      listening = listenForFaults(descriptor, listener);
      return listening;
    },
    close() {
      close(descriptor);
      listening?.dispose();
    },
  };
}

function faultAt(view: DataView, at: number): WriteFault {
  const flags = view.getBigUint64(at + UffdMessage.AT.FLAGS, true);
  return {
    address: Number(view.getBigUint64(at + UffdMessage.AT.ADDRESS, true)),
    threadId: view.getUint32(at + UffdMessage.AT.THREAD, true),
    writeProtected: (Number(flags) & UffdMessage.FLAG_WP) !== 0,
  };
}

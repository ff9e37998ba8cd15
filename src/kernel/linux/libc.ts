// The C library by koffi: the few functions the Linux kernel interface needs, each throwing KernelError with its errno.
import koffi from "koffi";
import { EpollControl } from "../abi.ts";
import { Errno } from "../errno.ts";
import { KernelError } from "../kernel-error.ts";

export interface Libc {
  open(path: string, flags: number): number;
  close(descriptor: number): void;
  /** ioctl with a pointer to a struct. `what` and `target` only name the call in an error; what takes long to say is said then. */
  ioctl(
    descriptor: number,
    request: number,
    argument: Uint8Array,
    what: string,
    target: string | (() => string),
  ): number;
  /** The same on a worker thread; resolves to -1 where it fails, and errno stays behind on that thread. */
  ioctlAhead(descriptor: number, request: number, argument: Uint8Array): Promise<number>;
  /** read(2) of what is there. @returns bytes read, 0 where there is nothing to read and the descriptor does not wait (EAGAIN). */
  readNow(descriptor: number, into: Uint8Array, target: string): number;
  epollCreate(flags: number): number;
  /** epoll_ctl(2), EPOLL_CTL_ADD. @param event a struct epoll_event. */
  epollAdd(set: number, descriptor: number, event: Uint8Array): void;
  /** epoll_wait(2) on a worker thread; resolves to -1 where it fails. @param milliseconds -1 for no end. */
  epollWaitAhead(set: number, events: Uint8Array, most: number, milliseconds: number): Promise<number>;
  eventfd(flags: number): number;
  /** Adds one to an eventfd: whoever waits for it wakes. */
  signal(eventfd: number): void;
  /** syscall(2) with integer arguments. */
  systemCall(number: number, args: readonly number[], what: string, target: string): number;
  /** process_vm_readv(2); the iovecs are u64 pairs of address and length. @returns bytes read. */
  processVmRead(pid: number, local: BigUint64Array, remote: BigUint64Array): number;
  /** process_vm_writev(2), likewise. @returns bytes written. */
  processVmWrite(pid: number, local: BigUint64Array, remote: BigUint64Array): number;
  /** The address of a buffer's first byte, valid while the buffer lives. */
  addressOf(buffer: Uint8Array): bigint;
}

/** What is written to an eventfd, a u64. */
const ONE = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);

let loaded: Libc | undefined;

/** The functions, bound once. */
export function libc(): Libc {
  loaded ??= bind();
  return loaded;
}

function bind(): Libc {
  const library = koffi.load(null);
  const open = library.func("int open(const char *path, int flags, int mode)");
  const close = library.func("int close(int fd)");
  const ioctl = library.func("int ioctl(int fd, unsigned long request, void *argument)");
  const read = library.func("long read(int fd, void *buffer, unsigned long size)");
  const write = library.func("long write(int fd, const void *buffer, unsigned long size)");
  const epollCreate = library.func("int epoll_create1(int flags)");
  const epollControl = library.func("int epoll_ctl(int set, int operation, int fd, void *event)");
  const epollWait = library.func("int epoll_wait(int set, void *events, int most, int milliseconds)");
  const eventfd = library.func("int eventfd(unsigned int value, int flags)");
  const syscall = library.func("long syscall(long number, long a, long b, long c, long d, long e)");
  const VECTORS =
    "(int pid, void *local, unsigned long locals, void *remote, unsigned long remotes, unsigned long flags)";
  const readv = library.func(`long process_vm_readv${VECTORS}`);
  const writev = library.func(`long process_vm_writev${VECTORS}`);

  const checked = (result: number, what: string, target: string): number => {
    if (result < 0) throw new KernelError(what, target, koffi.errno());
    return result;
  };

  return {
    open: (path, flags) => checked(open(path, flags, 0), "open", path),
    close: descriptor => void close(descriptor),
    ioctl(descriptor, request, argument, what, target) {
      const result = ioctl(descriptor, request, argument);
      if (result >= 0) return result;
      throw new KernelError(`ioctl ${what}`, typeof target === "string" ? target : target(), koffi.errno());
    },
    ioctlAhead: (descriptor, request, argument) => ahead(ioctl, descriptor, request, argument),
    readNow(descriptor, into, target) {
      const result = read(descriptor, into, into.length);
      if (result < 0 && koffi.errno() === Errno.EAGAIN) return 0;
      return checked(result, "read", target);
    },
    epollCreate: flags => checked(epollCreate(flags), "epoll_create1", "this process"),
    epollAdd(set, descriptor, event) {
      checked(epollControl(set, EpollControl.ADD, descriptor, event), "epoll_ctl", `descriptor ${descriptor}`);
    },
    epollWaitAhead: (set, events, most, milliseconds) => ahead(epollWait, set, events, most, milliseconds),
    eventfd: flags => checked(eventfd(0, flags), "eventfd", "this process"),
    signal: descriptor => void write(descriptor, ONE, ONE.length),
    systemCall: (number, args, what, target) =>
      checked(syscall(number, args[0] ?? 0, args[1] ?? 0, args[2] ?? 0, args[3] ?? 0, args[4] ?? 0), what, target),
    processVmRead: (pid, local, remote) =>
      checked(readv(pid, local, local.length / 2, remote, remote.length / 2, 0), "process_vm_readv", `process ${pid}`),
    processVmWrite: (pid, local, remote) =>
      checked(
        writev(pid, local, local.length / 2, remote, remote.length / 2, 0),
        "process_vm_writev",
        `process ${pid}`,
      ),
    addressOf: buffer => koffi.address(buffer),
  };
}

/** Calls a function on a worker thread. */
function ahead(func: ReturnType<ReturnType<typeof koffi.load>["func"]>, ...args: unknown[]): Promise<number> {
  return new Promise((resolve, reject) => {
    func.async(...args, (error: unknown, result: number) => (error ? reject(error) : resolve(result)));
  });
}

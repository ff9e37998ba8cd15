// For tests: a kernel that counts what is open, and can refuse any of its calls.
import type { Kernel } from "../../../src/kernel/kernel.ts";
import { KernelError } from "../../../src/kernel/kernel-error.ts";

export interface CountedKernel {
  readonly kernel: Kernel;
  /** Descriptors that were opened and not closed again. */
  open(): number;
  /** How many calls were made that a kernel can refuse. */
  calls(): number;
  /** The call of that number from now on, 0 for the next, fails with EIO. */
  refuse(call: number): void;
  /** Does something at the call of that number from now on. */
  when(call: number, work: () => void): void;
}

export function counted(kernel: Kernel): CountedKernel {
  let open = 0;
  let calls = 0;
  let refused = -1;
  const planned = new Map<number, () => void>();
  const call = <T>(what: string, work: () => T): T => {
    planned.get(calls)?.();
    calls += 1;
    refused -= 1;
    if (refused === -1) throw new KernelError(what, "a test", 5);
    return work();
  };
  /** The same object, each of its calls counted, and its closing. */
  const watched = <T extends { close(): void }>(what: string, opened: T): T => {
    open += 1;
    let closed = false;
    return new Proxy(opened, {
      get(target, name) {
        const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          if (name !== "close") return call(`${what} ${String(name)}`, () => method.apply(target, args));
          if (closed) throw new Error(`${what} was closed twice`);
          closed = true;
          open -= 1;
          return method.apply(target, args);
        };
      },
    });
  };
  return {
    open: () => open,
    calls: () => calls,
    refuse: number => {
      refused = number + 1;
    },
    when: (number, work) => {
      planned.clear();
      planned.set(calls + number, work);
    },
    kernel: {
      ...kernel,
      openPagemap: pid =>
        watched(
          "pagemap",
          call("open", () => kernel.openPagemap(pid)),
        ),
      takeUserfaultfd: (pid, descriptor) =>
        watched(
          "userfaultfd",
          call("pidfd_getfd", () => kernel.takeUserfaultfd(pid, descriptor)),
        ),
      mappings: pid => call("maps", () => kernel.mappings(pid)),
    },
  };
}

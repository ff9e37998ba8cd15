// What the functions do that every program can call; language/builtins.ts says what they take.

import { OpenFlag } from "../../kernel/abi.ts";
import { Errno } from "../../kernel/errno.ts";
import { ProgramFailure } from "../compile/code.ts";
import { completeMapFlags } from "../language/builtins.ts";
import type { Integer } from "../language/integer.ts";
import { add, toRegister } from "../language/integer.ts";
import { callByNumber } from "./call-by-number.ts";
import { ioctl, openPath, readPagemap, transfer } from "./kernel-calls.ts";
import type { Thread } from "./thread.ts";

/** @param text the path or name among the arguments. */
export type Implementation = (thread: Thread, values: readonly Integer[], text: string) => Integer;

/** A C int or an unsigned mask of flags. */
function small(value: Integer | undefined): number {
  return typeof value === "number" ? value : Number(BigInt.asIntN(32, value ?? 0n));
}

function register(value: Integer | undefined): bigint {
  return toRegister(value ?? 0);
}

export const IMPLEMENTATIONS: Readonly<Record<string, Implementation>> = {
  mmap({ process }, [length, protection, flags, file, offset, at]) {
    const hasFile = file !== -1;
    const complete = completeMapFlags(small(flags), hasFile);
    return process.calls.mmap(
      register(at),
      register(length),
      small(protection),
      complete,
      small(file),
      register(offset),
    );
  },
  munmap: ({ process }, [address, length]) => process.calls.munmap(register(address), register(length)),
  mprotect: ({ process }, [address, length, protection]) =>
    process.calls.mprotect(register(address), register(length), small(protection)),
  mremap: ({ process }, [address, oldLength, newLength, flags, to]) =>
    process.calls.mremap(register(address), register(oldLength), register(newLength), small(flags), register(to)),
  madvise: ({ process }, [address, length, advice]) =>
    process.calls.madvise(register(address), register(length), small(advice)),
  brk: ({ process }, [address]) => process.calls.brk(register(address)),
  sbrk({ process: { calls } }, [bytes]) {
    const before = calls.brk(0n);
    const wanted = add(before, bytes ?? 0);
    return calls.brk(register(wanted)) === wanted ? before : -Errno.ENOMEM;
  },
  memfd_create: ({ process }, _, name) => process.calls.memfdCreate(name),
  create_file({ process }, [length], path) {
    if (typeof length !== "number" || length < 0) return -Errno.EINVAL;
    process.kernel.machine.createFile(path, length);
    return process.calls.open(path, OpenFlag.RDWR);
  },
  open: ({ process }, [flags], path) => openPath(process, path, small(flags)),
  ftruncate: ({ process }, [file, length]) => process.calls.ftruncate(small(file), register(length)),
  close: ({ process }, [file]) => process.calls.close(small(file)),
  userfaultfd: ({ process }, [flags]) => process.calls.userfaultfd(small(flags)),
  ioctl: ({ process }, [file, request, address]) => ioctl(process.calls, small(file), small(request), address ?? 0),
  pread_pagemap: ({ process }, [file, page]) => readPagemap(process.calls, small(file), register(page)),
  clear_refs: ({ process }, [kind]) => process.calls.clearRefs(small(kind)),
  process_vm_readv: (thread, [pid, from, to, length]) =>
    transfer(thread, { pid: small(pid), remote: from ?? 0, local: to ?? 0, length: length ?? 0, isRead: true }),
  process_vm_writev: (thread, [pid, to, from, length]) =>
    transfer(thread, { pid: small(pid), remote: to ?? 0, local: from ?? 0, length: length ?? 0, isRead: false }),
  syscall: (thread, [number, ...values]) => callByNumber(thread, small(number), values.map(register)),
  random({ process }, [end]) {
    if (typeof end !== "number" || end < 1) throw new ProgramFailure(`random(${end}): there are no numbers below that`);
    return process.execution.random.below(end);
  },
  getpid: ({ process }) => process.pid,
  gettid: ({ id }) => id,
  argument: ({ process }, [index, otherwise]) => process.execution.arguments[Number(index)] ?? otherwise ?? 0,
  min: (_, values) => extreme(values, (a, b) => a < b),
  max: (_, values) => extreme(values, (a, b) => a > b),
};

/** Math.min and Math.max know nothing of bigints. */
function extreme(values: readonly Integer[], isBefore: (a: Integer, b: Integer) => boolean): Integer {
  return values.reduce((best, value) => (isBefore(value, best) ? value : best));
}

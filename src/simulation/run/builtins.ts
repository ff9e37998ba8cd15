// What the functions do that every program can call; language/builtins.ts says what they take.

import { OpenFlag } from "../../kernel/abi.ts";
import { Errno } from "../../kernel/errno.ts";
import { BUILTINS, completeMapFlags } from "../language/builtins.ts";
import type { Integer } from "../language/integer.ts";
import { add, toRegister } from "../language/integer.ts";
import { callByNumber } from "./call-by-number.ts";
import { ProgramFailure, type ProgramThread } from "./code.ts";
import { openPath, readPagemap, transfer } from "./kernel-calls.ts";

/** @param text the path or name among the arguments. */
export type Implementation = (thread: ProgramThread, values: readonly Integer[], text: string) => Integer;

/** A C int or an unsigned mask of flags. */
function small(value: Integer | undefined): number {
  return typeof value === "number" ? value : Number(BigInt.asIntN(32, value ?? 0n));
}

function register(value: Integer | undefined): bigint {
  return toRegister(value ?? 0);
}

/**
 * Those that are an instruction each: the kernel may interrupt their calls, or what they do must not be done twice. A statement's store
 * may have to wait for a userfaultfd, and is then run again with all that its instruction computes.
 */
export const INSTRUCTIONS: ReadonlySet<string> = new Set(
  [...BUILTINS.values()]
    .filter(({ name, isPure }) => !isPure && name !== "getpid" && name !== "gettid")
    .map(({ name }) => name),
);

export const IMPLEMENTATIONS: Readonly<Record<string, Implementation>> = {
  mmap({ calls }, [length, protection, flags, file, offset, at]) {
    const hasFile = file !== -1;
    const complete = completeMapFlags(small(flags), hasFile);
    return calls.mmap(register(at), register(length), small(protection), complete, small(file), register(offset));
  },
  munmap: ({ calls }, [address, length]) => calls.munmap(register(address), register(length)),
  mprotect: ({ calls }, [address, length, protection]) =>
    calls.mprotect(register(address), register(length), small(protection)),
  mremap: ({ calls }, [address, oldLength, newLength, flags, to]) =>
    calls.mremap(register(address), register(oldLength), register(newLength), small(flags), register(to)),
  madvise: ({ calls }, [address, length, advice]) => calls.madvise(register(address), register(length), small(advice)),
  brk: ({ calls }, [address]) => calls.brk(register(address)),
  sbrk({ calls }, [bytes]) {
    const before = calls.brk(0n);
    const wanted = add(before, bytes ?? 0);
    return calls.brk(register(wanted)) === wanted ? before : -Errno.ENOMEM;
  },
  memfd_create: ({ calls }, _, name) => calls.memfdCreate(name),
  create_file({ process, calls }, [length], path) {
    if (typeof length !== "number" || length < 0) return -Errno.EINVAL;
    process.kernel.machine.createFile(path, length);
    return calls.open(path, OpenFlag.RDWR);
  },
  open: (thread, [flags], path) => openPath(thread, path, small(flags)),
  ftruncate: ({ calls }, [file, length]) => calls.ftruncate(small(file), register(length)),
  close: ({ calls }, [file]) => calls.close(small(file)),
  userfaultfd: ({ calls }, [flags]) => calls.userfaultfd(small(flags)),
  read_userfaultfd: ({ calls }, [file, address, length]) =>
    calls.read(small(file), register(address), register(length)),
  ioctl: ({ calls }, [file, request, address]) => calls.ioctl(small(file), small(request) >>> 0, register(address)),
  pread_pagemap: ({ calls }, [file, page]) => readPagemap(calls, small(file), register(page)),
  clear_refs: ({ calls }, [kind]) => calls.clearRefs(small(kind)),
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
  page_faults: ({ process }) => process.kernel.mm.counters.faults,
  page_tables: ({ process }) => process.kernel.mm.tables,
  min: (_, values) => extreme(values, (a, b) => a < b),
  max: (_, values) => extreme(values, (a, b) => a > b),
};

/** Math.min and Math.max know nothing of bigints. */
function extreme(values: readonly Integer[], isBefore: (a: Integer, b: Integer) => boolean): Integer {
  return values.reduce((best, value) => (isBefore(value, best) ? value : best));
}

// System calls by their numbers (arch/x86/entry/syscalls/syscall_64.tbl), with their arguments as registers carry them.
import { Errno } from "../../kernel/errno.ts";
import type { ProgramThread } from "./code.ts";

type Call = (thread: ProgramThread, ...registers: readonly [bigint, bigint, bigint, bigint, bigint, bigint]) => number;

/** A C int. */
function int(register: bigint): number {
  return Number(BigInt.asIntN(32, register));
}

/** An unsigned long that is a mask of flags: beyond 2^53 only its being wrong matters. */
function mask(register: bigint): number {
  return Number(register);
}

const CALLS: ReadonlyMap<number, Call> = new Map<number, Call>([
  [0, ({ calls }, file, address, length) => calls.read(int(file), address, length)],
  [3, ({ calls }, file) => calls.close(int(file))],
  [
    9,
    ({ calls }, address, length, protection, flags, file, offset) =>
      calls.mmap(address, length, mask(protection), mask(flags), int(file), offset),
  ],
  [10, ({ calls }, address, length, protection) => calls.mprotect(address, length, mask(protection))],
  [11, ({ calls }, address, length) => calls.munmap(address, length)],
  [12, ({ calls }, address) => calls.brk(address)],
  [16, ({ calls }, file, request, address) => calls.ioctl(int(file), int(request) >>> 0, address)],
  [
    25,
    ({ calls }, address, oldLength, newLength, flags, newAddress) =>
      calls.mremap(address, oldLength, newLength, mask(flags), newAddress),
  ],
  [28, ({ calls }, address, length, advice) => calls.madvise(address, length, int(advice))],
  [39, ({ process }) => process.pid],
  [77, ({ calls }, file, length) => calls.ftruncate(int(file), length)],
  // prctl: nothing in it concerns the simulated kernel, which lets everyone attach.
  [157, () => 0],
  [186, ({ id }) => id],
  [323, ({ calls }, flags) => calls.userfaultfd(int(flags))],
]);

/** @returns what the kernel does: a negative value is -errno. */
export function callByNumber(thread: ProgramThread, number: number, registers: readonly bigint[]): number {
  const call = CALLS.get(number);
  if (!call) return -Errno.ENOSYS;
  const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n] = registers;
  return call(thread, a, b, c, d, e, f);
}

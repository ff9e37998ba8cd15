// System calls on x86-64: struct user_regs_struct (arch/x86/include/asm/user_64.h), and arch/x86/kernel/signal.c on what restarts.
import { Restart } from "../../abi.ts";
import type { CallRegisters } from "./registers.ts";

const AT = { rax: 10, orig_rax: 15, rip: 16, cs: 17 } as const;
/** rdi, rsi, rdx, r10, r8, r9. */
const ARGUMENTS = [14, 13, 12, 7, 9, 8] as const;
/** The selector of 64-bit code (__USER_CS); 0x23 is that of 32-bit code. */
const USER_CODE = 0x33n;
/** The length of `syscall`, and of `int 0x80`. */
const LENGTH = 2;

const signed = (value: bigint | undefined): number => Number(BigInt.asIntN(64, value ?? 0n));

export const x86_64: CallRegisters = {
  count: 27,
  instruction: Uint8Array.of(0x0f, 0x05),

  interrupted(registers) {
    // Interrupts and faults leave a negative number here.
    const number = signed(registers[AT.orig_rax]);
    return number >= 0 ? number : undefined;
  },

  result: registers => signed(registers[AT.rax]),

  pc: registers => Number(registers[AT.rip]),

  isNative: registers => registers[AT.cs] === USER_CODE,

  callSite: registers => Number(registers[AT.rip]) - LENGTH,

  prepare(registers, instruction, number, args) {
    registers[AT.rip] = BigInt(instruction);
    registers[AT.rax] = BigInt(number);
    // Else the kernel would take this for the interrupted call, and begin it anew (arch_do_signal_or_restart).
    registers[AT.orig_rax] = BigInt.asUintN(64, -1n);
    for (const [i, register] of ARGUMENTS.entries()) registers[register] = BigInt.asUintN(64, BigInt(args[i] ?? 0));
  },

  beginAnew(registers) {
    registers[AT.rax] = BigInt.asUintN(64, BigInt(-Restart.NOHAND));
  },
};

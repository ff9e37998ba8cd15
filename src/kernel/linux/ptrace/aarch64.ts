// System calls on 64-bit Arm: struct user_pt_regs (arch/arm64/include/uapi/asm/ptrace.h), and arch/arm64/kernel/signal.c on what
// restarts. Written by the kernel's sources: never run, and the agent does not start on such a computer yet.
import type { CallRegisters } from "./registers.ts";

const AT = { x8: 8, sp: 31, pc: 32, pstate: 33 } as const;
/** PSR_MODE32_BIT: the thread runs 32-bit code. */
const MODE32 = 0x10n;
const LENGTH = 4;
/** svc #0 */
const INSTRUCTION = Uint8Array.of(0x01, 0x00, 0x00, 0xd4);

/**
 * Unlike x86-64, the kernel has decided whether to begin a call anew before it stops for a tracer: the program counter is at the
 * instruction again, and x0 is its first argument. What it can't be told again is that a signal's handler is to end the call with EINTR:
 * one that arrives while we are there runs before the call begins anew. So a thread in its own code is the better choice here.
 */
export const aarch64: CallRegisters = {
  count: 34,
  instruction: INSTRUCTION,

  // The number of the call is in another set of registers (NT_ARM_SYSTEM_CALL), and -1 by then.
  interrupted: () => undefined,

  result: registers => Number(BigInt.asIntN(64, registers[0] ?? 0n)),

  pc: registers => Number(registers[AT.pc]),

  isNative: registers => ((registers[AT.pstate] ?? 0n) & MODE32) === 0n,

  callSite: registers => Number(registers[AT.pc]) - LENGTH,

  prepare(registers, instruction, number, args) {
    registers[AT.pc] = BigInt(instruction);
    registers[AT.x8] = BigInt(number);
    for (let i = 0; i < 6; i += 1) registers[i] = BigInt.asUintN(64, BigInt(args[i] ?? 0));
  },

  // It does already, from its first argument on: a sleep would last its whole time again.
  beginAnew() {},
};

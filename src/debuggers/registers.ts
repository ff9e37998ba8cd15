// How the kernel takes a system call on x86-64: the registers, and the instruction that makes one.

/** Registers that carry a system call's arguments, in order (its number is in rax, and so is the answer). */
export const ARGUMENT_REGISTERS = ["rdi", "rsi", "rdx", "r10", "r8", "r9"] as const;

/** The 27 numbers of struct user_regs_struct, in order (arch/x86/include/asm/user_64.h). */
export const USER_REGISTERS: readonly string[] = [
  ...["r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi"],
  ...["orig_rax", "rip", "cs", "eflags", "rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs"],
];

/** The instruction `syscall`, as hexadecimal digits. */
export const SYSCALL_INSTRUCTION = "0f05";

/** The instruction's length, bytes. */
export const SYSCALL_LENGTH = 2;

/**
 * Where the instruction stands in bytes, however they are cut into instructions there: who jumps to it runs it.
 * @param hex two digits a byte.
 * @returns bytes from the beginning; undefined where there is none.
 */
export function findSystemCall(hex: string): number | undefined {
  for (let at = hex.indexOf(SYSCALL_INSTRUCTION); at >= 0; at = hex.indexOf(SYSCALL_INSTRUCTION, at + 1)) {
    if (at % 2 === 0) return at / 2;
  }
  return undefined;
}

/** A value as a register holds it: eight bytes, little end first, two digits a byte. Negative numbers in two's complement. */
export function toRegister(value: number | bigint): string {
  const digits = BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, "0");
  return reversed(digits);
}

/** The reverse of {@link toRegister}, as the signed number that C's `long` is. */
export function fromRegister(hex: string): bigint {
  return BigInt.asIntN(64, BigInt(`0x${reversed(hex)}`));
}

function reversed(hex: string): string {
  return (hex.match(/../g) ?? []).reverse().join("");
}

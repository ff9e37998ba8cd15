// A signal's siginfo_t: from what lldb prints of it to the bytes that the kernel takes.
import { toRegister } from "../registers.ts";

/** sizeof(siginfo_t), bytes. */
export const SIGNAL_INFO_SIZE = 128;

/**
 * The bytes of a siginfo_t (include/uapi/asm-generic/siginfo.h), two digits a byte.
 * Whatever the signal, members of the union name all words that the kernel fills in.
 * @param printed what `thread siginfo` says.
 * @throws {Error} a member is missing.
 */
export function signalInfoBytes(printed: string): string {
  const number = (name: string): number => {
    const value = new RegExp(`\\b${name} = (-?\\d+)`).exec(printed)?.[1];
    if (value === undefined) throw new Error(`lldb does not tell ${name} of a signal: ${printed.trim()}`);
    return Number(value);
  };
  const pointer = (name: string): bigint => {
    const value = new RegExp(`\\b${name} = (0x[0-9a-f]+)`).exec(printed)?.[1];
    if (value === undefined) throw new Error(`lldb does not tell ${name} of a signal: ${printed.trim()}`);
    return BigInt(value);
  };
  const head = int(number("si_signo")) + int(number("si_errno")) + int(number("si_code")) + int(0);
  const words = ["si_addr", "sival_ptr", "_lower", "_upper"].map(name => toRegister(pointer(name)));
  return (head + words.join("")).padEnd(2 * SIGNAL_INFO_SIZE, "0");
}

/** si_code of a POSIX timer's signal (SI_TIMER). */
const OF_TIMER = -2;

/** @param info a siginfo_t as {@link signalInfoBytes} makes it. */
export function isOfTimer(info: string): boolean {
  return info.slice(16, 24) === int(OF_TIMER);
}

/** Four bytes. */
function int(value: number): string {
  return toRegister(value).slice(0, 8);
}

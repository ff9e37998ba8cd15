// The few instructions that delve's programs are made to run: one system call, and the return from a signal's handler. x86-64.

/** `mov register, value of eight bytes`: the first two bytes, by the register. */
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  rax: [0x48, 0xb8],
  rdi: [0x48, 0xbf],
  rsi: [0x48, 0xbe],
  rdx: [0x48, 0xba],
  r10: [0x49, 0xba],
  r8: [0x49, 0xb8],
  r9: [0x49, 0xb9],
};

const SYSCALL = [0x0f, 0x05];
/** `lea rsp, [rsp + 8]`: the kernel looks for the signal's frame where a handler that has returned would leave the stack. */
const DROP_RETURN_ADDRESS = [0x48, 0x8d, 0x64, 0x24, 0x08];
const RT_SIGRETURN = 15;

/** Registers in the order of the kernel: its number, then the arguments (arch/x86/entry/entry_64.S). */
const CARRIERS = ["rax", "rdi", "rsi", "rdx", "r10", "r8", "r9"] as const;

export interface Code {
  readonly bytes: Uint8Array;
  /** Instructions up to and with the system call, and from there to the return from the handler. */
  readonly toAnswer: number;
  readonly toReturn: number;
  /** Bytes from the beginning to the instruction behind the system call. */
  readonly answerAt: number;
}

/** To be run at the first instruction of a signal's handler; all registers are the handler's to spoil. */
export function systemCallCode(number: number, args: readonly number[]): Code {
  if (args.length >= CARRIERS.length) throw new Error(`A system call takes no ${args.length} arguments.`);
  const moves = [number, ...args].flatMap((value, i) => move(CARRIERS[i] ?? "rax", value));
  const back = [...DROP_RETURN_ADDRESS, ...move("rax", RT_SIGRETURN), ...SYSCALL];
  return {
    bytes: Uint8Array.from([...moves, ...SYSCALL, ...back]),
    toAnswer: 2 + args.length,
    toReturn: 3,
    answerAt: moves.length + SYSCALL.length,
  };
}

function move(register: string, value: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
  return [...(MOVES[register] ?? []), ...bytes];
}

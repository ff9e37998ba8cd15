// A system call in the debuggee without compiling, allocating or running anything of the program's: one thread's registers are
// set, one `syscall` instruction that the program already has is stepped, and the registers are put back.
//
// lldb's server is asked directly, so lldb takes no notice and VS Code hears of no stop. lldb's expressions would see the
// program's names and macros, leave pages behind, and fail where a signal is pending.

import { ARGUMENT_REGISTERS, fromRegister, SYSCALL_LENGTH, toRegister } from "../registers.ts";
import type { LldbContext } from "./commands.ts";
import { passedSignals } from "./handled-signals.ts";
import { findSystemCallInstruction } from "./instruction.ts";
import { command, packet, parseStopReply, type StopReply } from "./packets.ts";
import { PendingSignals } from "./pending-signals.ts";

/** Numbers of registers on lldb's servers for x86-64, in the order of the kernel's name for each. */
const NUMBERS = { rax: 0, rdx: 3, rdi: 4, rsi: 5, rsp: 7, r8: 8, r9: 9, r10: 10, rip: 16 } as const;
export type Register = keyof typeof NUMBERS;

const SIGTRAP = 5;
const SIGSTOP = 19;

/** Signals that may come in the way of one instruction, before something else must be wrong. */
const MOST_SIGNALS = 1000;

/**
 * Runs one system call in the context's thread, while all others stand.
 * @returns the kernel's answer, -errno where it refused.
 * @throws {Error} with lldb's words; the thread's registers are as they were.
 */
export async function steppedSystemCall(
  context: LldbContext,
  number: number,
  args: readonly number[],
): Promise<number> {
  if (args.length > ARGUMENT_REGISTERS.length) throw new Error(`A system call takes no ${args.length} arguments.`);
  await requireProgramOf64Bits(context);
  const thread = await SteppedThread.take(context);
  try {
    return await thread.call(number, args);
  } finally {
    await thread.putBack();
  }
}

/** A thread with registers other than its own. */
export class SteppedThread {
  /** What undoes it must go on when the user has lost patience: it has no signal to end it. */
  private readonly context: LldbContext;
  private readonly thread: string;
  private readonly instruction: number;
  private readonly saved: string;
  private readonly passed: readonly number[];
  private readonly signals = new PendingSignals();
  /** The signal that the thread stood for, and that lldb will deliver when it lets the thread run. */
  private ownSignal: number | undefined;

  private constructor(context: LldbContext, instruction: number, saved: string, passed: readonly number[]) {
    this.context = context;
    this.thread = context.threadId.toString(16);
    this.instruction = instruction;
    this.saved = saved;
    this.passed = passed;
  }

  static async take(patient: LldbContext): Promise<SteppedThread> {
    const signal = await signalStoodFor(patient);
    const instruction = await findSystemCallInstruction(patient);
    const passed = await passedSignals(patient);
    const context = { ...patient, signal: undefined };
    const saved = await packet(context, `QSaveRegisterState;thread:${patient.threadId.toString(16)};`);
    if (!/^\d+$/.test(saved)) throw new Error(`lldb's server could not save the registers of the thread: ${saved}`);
    const thread = new SteppedThread(context, instruction, saved, passed);
    try {
      await thread.takeOwnSignal(signal);
      // The server would run into the handler of a signal that lldb passes on without a word.
      await command(context, "QPassSignals:");
    } catch (error) {
      await thread.putBack();
      throw error;
    }
    return thread;
  }

  /** Runs one system call. @returns the kernel's answer. */
  async call(number: number, args: readonly (number | bigint)[]): Promise<number> {
    await this.write("rip", this.instruction);
    await this.write("rax", number);
    for (const [i, arg] of args.entries()) {
      const register = ARGUMENT_REGISTERS[i];
      if (register) await this.write(register, arg);
    }
    for (let caught = 0; caught < MOST_SIGNALS; caught += 1) {
      const stop = await this.step(this.signals.known);
      if (stop.signal === SIGTRAP) return this.resultOf(stop);
      // It stands in the way of the instruction, and will be pending again when all is done.
      await this.signals.take(this.context, stop.signal);
    }
    throw new Error(
      `The program got ${MOST_SIGNALS} signals before it could run one instruction: it can't be armed here.`,
    );
  }

  async read(register: Register): Promise<bigint> {
    const hex = await packet(this.context, `p${NUMBERS[register].toString(16)};thread:${this.thread};`);
    if (!/^[0-9a-f]{16}$/.test(hex)) throw new Error(`lldb's server does not tell ${register}: ${hex}`);
    return fromRegister(hex);
  }

  /** @returns two digits a byte. */
  async readMemory(address: bigint, bytes: number): Promise<string> {
    const hex = await packet(this.context, `m${address.toString(16)},${bytes.toString(16)}`);
    if (hex.length !== 2 * bytes) throw new Error(`lldb's server does not read ${bytes} bytes at ${address}: ${hex}`);
    return hex;
  }

  writeMemory(address: bigint, hex: string): Promise<void> {
    return command(this.context, `M${address.toString(16)},${(hex.length / 2).toString(16)}:${hex}`);
  }

  /** Makes the thread what it was: its signals, its registers, and what it stands for. */
  async putBack(): Promise<void> {
    const { ownSignal } = this;
    // One that would not be the first to be delivered can't be stood for again: lldb will deliver it with less to tell.
    if (ownSignal !== undefined && !this.signals.isFirst(ownSignal)) {
      this.signals.forget(ownSignal);
      this.ownSignal = undefined;
    }
    try {
      await this.signals.giveBack(this);
    } finally {
      await command(this.context, `QRestoreRegisterState:${this.saved};thread:${this.thread};`);
      await this.standForOwnSignal();
      const list = this.passed.map(signal => signal.toString(16).padStart(2, "0")).join(";");
      await command(this.context, `QPassSignals:${list}`);
    }
  }

  /** The kernel forgets a signal at the first step that does not deliver it. */
  private async takeOwnSignal(signal: number): Promise<void> {
    if ([0, SIGTRAP, SIGSTOP].includes(signal)) return;
    await this.signals.take(this.context, signal);
    this.ownSignal = signal;
  }

  /**
   * Where the thread stood for a signal, lldb delivers that one when it goes on: it must stand for it again, or the kernel would
   * tell the program of a signal sent by the debugger. It has been queued again, so that a step leads to it at once.
   */
  private async standForOwnSignal(): Promise<void> {
    if (this.ownSignal === undefined) return;
    const stop = await this.step();
    if (stop.signal !== this.ownSignal) {
      throw new Error(`The thread stood for signal ${this.ownSignal}, and after the call for signal ${stop.signal}.`);
    }
  }

  private write(register: Register, value: number | bigint): Promise<void> {
    return command(this.context, `P${NUMBERS[register].toString(16)}=${toRegister(value)};thread:${this.thread};`);
  }

  /** One instruction of this thread alone. @param known signals at which it may be tried anew at once. */
  private async step(known: readonly number[] = []): Promise<StopReply> {
    const again = known.map(signal => `T${signal.toString(16).padStart(2, "0")}`);
    const text = await packet(this.context, `vCont;s:${this.thread}`, again);
    const stop = parseStopReply(text);
    if (!stop) throw new Error(`The program ended in the system call that was to arm it (${text}).`);
    return stop;
  }

  private async resultOf({ registers }: StopReply): Promise<number> {
    const rip = registers.get(NUMBERS.rip) ?? (await this.read("rip"));
    if (rip !== BigInt(this.instruction + SYSCALL_LENGTH)) {
      throw new Error(
        `The thread did not run the system call: it stands at 0x${BigInt.asUintN(64, rip).toString(16)}.`,
      );
    }
    return Number(registers.get(NUMBERS.rax) ?? (await this.read("rax")));
  }
}

/**
 * The signal that the thread stands for.
 * @throws {Error} it stands inside a system call: a change of its registers would become the answer of that one.
 */
async function signalStoodFor(context: LldbContext): Promise<number> {
  const text = await packet(context, `qThreadStopInfo${context.threadId.toString(16)}`);
  const inside = /\breason:(v?fork|vforkdone|exec);/.exec(text)?.[1];
  if (inside !== undefined) {
    throw new Error(
      `The thread stands inside a system call (${inside}), which a call would spoil: step once, and arm then.`,
    );
  }
  return parseStopReply(text)?.signal ?? 0;
}

/** Numbers of system calls and of registers are those of 64-bit programs on x86. */
async function requireProgramOf64Bits(context: LldbContext): Promise<void> {
  const triple = /\btriple:([0-9a-f]+);/.exec(await packet(context, "qProcessInfo"))?.[1] ?? "";
  const text = (triple.match(/../g) ?? []).map(byte => String.fromCharCode(Number.parseInt(byte, 16))).join("");
  if (!text.startsWith("x86_64-")) throw new Error(`Only 64-bit programs on x86 can be armed; this one is '${text}'.`);
}

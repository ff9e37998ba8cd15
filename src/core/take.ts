// Takes a core of a process: makes its threads stand where nobody holds them, tells their registers, and saves its memory.
import type { Kernel, ThreadRegisters } from "../kernel/kernel.ts";
import { isGone } from "../kernel/kernel-error.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import { u64, viewOf } from "../names/bytes.ts";
import { type CoreProcess, type CoreThread, RSP } from "./notes.ts";
import { type SavedCore, type SaveOptions, saveCore } from "./save.ts";
import type { CoreSink } from "./sink.ts";

export interface TakeOptions extends SaveOptions {
  /** A debugger holds it, and told these registers (struct user_regs_struct), of the thread to look at first first. */
  readonly held?: readonly Uint8Array[] | undefined;
}

export interface TakenCore extends SavedCore {
  readonly threads: number;
  /** What whoever opens it should know, in sentences. */
  readonly remarks: readonly string[];
}

/**
 * @param describe the process, with what registers can be had without holding it.
 * @throws as {@link saveCore}.
 */
export async function takeCore(
  kernel: Kernel,
  pid: number,
  describe: (pid: number) => CoreProcess,
  sink: CoreSink,
  options: TakeOptions,
): Promise<TakenCore> {
  const remarks: string[] = [];
  const held = options.held ? undefined : await hold(kernel, pid, remarks);
  try {
    const process = describe(pid);
    const known = options.held ? owned(options.held, process.threads) : (held ?? []);
    const threads = withRegisters(process.threads, known);
    const told = known.filter(({ registers }) => registers !== undefined).length;
    if (options.held && told < threads.length) {
      remarks.push(
        `The debugger told the registers of ${told} of its ${threads.length} threads: of the others only the code's and the stack's address are in it.`,
      );
    }
    const saved = await saveCore(kernel, { ...process, threads }, sink, options);
    if (saved.unreadablePages > 0)
      remarks.push(`${saved.unreadablePages} pages could not be read, and stand as zeroes.`);
    return { ...saved, threads: threads.length, remarks };
  } finally {
    if (held) await kernel.release?.(pid);
  }
}

/** @returns the registers of its threads, which stand then; undefined where they run on. */
async function hold(
  { hold: stop, heldRegisters }: Kernel,
  pid: number,
  remarks: string[],
): Promise<readonly ThreadRegisters[] | undefined> {
  if (!stop || !heldRegisters) return undefined;
  try {
    await stop(pid);
    return heldRegisters(pid);
  } catch (error) {
    if (isGone(error)) throw error;
    remarks.push(
      `Its threads could not be held: it was saved as it ran, if it ran, with the code's and the stack's address for registers. ${explainKernelError(error)}`,
    );
    return undefined;
  }
}

/** Whose registers they are: a thread that stands has the stack pointer that /proc says, and no other thread has it. */
function owned(registers: readonly Uint8Array[], threads: readonly CoreThread[]): ThreadRegisters[] {
  return registers.flatMap(bytes => {
    const thread = threads.find(({ registers: known }) => known && stackPointer(known) === stackPointer(bytes));
    return thread ? [{ id: thread.id, registers: bytes }] : [];
  });
}

function stackPointer(registers: Uint8Array): number {
  return u64(viewOf(registers), RSP * 8);
}

/** The known ones first, as they come: a debugger begins with the thread that has stopped. */
function withRegisters(all: readonly CoreThread[], known: readonly ThreadRegisters[]): readonly CoreThread[] {
  const there = new Set(all.map(({ id }) => id));
  const told = known.filter(({ id, registers }) => there.has(id) && registers !== undefined);
  const ids = new Set(told.map(({ id }) => id));
  const threads = [...told, ...all.filter(({ id }) => !ids.has(id))];
  // A core without a thread is none to a debugger.
  return threads.length > 0 ? threads : [{ id: 1 }];
}

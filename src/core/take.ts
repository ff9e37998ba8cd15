// Takes a core of a process: makes its threads stand where nobody holds them, tells their registers, and saves its memory.
import type { Kernel, ThreadRegisters } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import type { CoreProcess, CoreThread } from "./notes.ts";
import { type SavedCore, type SaveOptions, saveCore } from "./save.ts";
import type { CoreSink } from "./sink.ts";

export interface TakeOptions extends SaveOptions {
  /** What a debugger told of threads that it holds; the first one is the one to look at first. */
  readonly threads?: readonly ThreadRegisters[] | undefined;
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
  const held = options.threads ? undefined : await hold(kernel, pid, remarks);
  try {
    const process = describe(pid);
    const known = options.threads ?? held?.threads ?? [];
    const threads = withRegisters(process.threads, known);
    const saved = await saveCore(kernel, { ...process, threads }, sink, options);
    const unknown = threads.filter(({ registers }) => registers === undefined).length;
    if (unknown > 0)
      remarks.push(
        `The registers of ${unknown} of its ${threads.length} threads are not known: no backtrace can be had of them.`,
      );
    if (saved.unreadablePages > 0)
      remarks.push(`${saved.unreadablePages} pages could not be read, and stand as zeroes.`);
    return { ...saved, threads: threads.length, remarks };
  } finally {
    held?.release();
  }
}

async function hold(
  kernel: Kernel,
  pid: number,
  remarks: string[],
): Promise<Awaited<ReturnType<NonNullable<Kernel["holdThreads"]>>> | undefined> {
  if (!kernel.holdThreads) return undefined;
  try {
    return await kernel.holdThreads(pid);
  } catch (error) {
    if (!(error instanceof KernelError) || error.code === "ESRCH") throw error;
    const why = error.code === "EPERM" ? "a debugger holds it, or it is another user's" : explainKernelError(error);
    remarks.push(
      `Its threads could not be held (${why}): it was saved as it ran, if it ran, with the code's and the stack's address for registers.`,
    );
    return undefined;
  }
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

// A system call in a Go program, in the place of a signal's handler: delve can neither set registers nor trace for us.
//
// delve's own `call` runs a function that the program was built with, refuses optimized ones, and lets all goroutines run. But one
// signal it lets through to the program when it steps one instruction: a stack fault (SIGSTKFLT), which no Linux kernel sends. The
// kernel then saves all registers in a frame on the thread's stack for signals, and the thread stands at the handler's first
// instruction. There, for as long as only this thread is stepped, other instructions are put: the system call, and the return from
// the handler, by which the kernel puts all registers and the signal mask back. The program's own handler never runs.
import type { CallContext } from "../debugger.ts";
import { type Code, systemCallCode } from "./machine-code.ts";
import { integer, stepHidden, systemThread, Words } from "./requests.ts";

const SIGNAL = 16;
/** Its bit in the masks of /proc/PID/status. */
const BIT = 1n << BigInt(SIGNAL - 1);

/**
 * Runs one system call in the thread of the context's goroutine, while all others stand.
 * @returns the kernel's answer, -errno where it refused.
 * @throws {Error} the thread can't take the signal, with the remedy: nothing was done; delve's words where it failed half-way.
 */
export async function handledCall(patient: CallContext, number: number, args: readonly number[]): Promise<number> {
  const code = systemCallCode(number, args);
  const thread = await requireThread(patient);
  // What has begun must be undone, whether or not the user has lost patience.
  const context = { ...patient, signal: undefined };
  const place = await integer(context, RIP);
  await enterHandler(context, thread, place);
  const handler = await integer(context, RIP);
  const words = await Words.at(context, handler, Math.ceil(code.bytes.length / 8));
  let result: bigint;
  try {
    await words.write(withCode(words.values, code));
    result = await run(context, code, handler);
  } finally {
    // A stop makes delve forget what it called the words before.
    await (await Words.at(context, handler, words.values.length)).write(words.values);
  }
  const now = await integer(context, RIP);
  if (now !== place)
    throw new Error(`The goroutine stood at ${hex(place)} before the call, and stands at ${hex(now)} now.`);
  return Number(BigInt.asIntN(64, result));
}

const RIP = "_RIP";
const RAX = "_RAX";

/** @returns the thread's number to the system. @throws {Error} */
async function requireThread(context: CallContext): Promise<number> {
  const { threadId, tracker } = context;
  const thread = await systemThread(context, threadId);
  if (thread === undefined)
    throw new Error(
      `The goroutine ${threadId} is parked: no thread runs it, so that no call can be made in it. Stop the program at a breakpoint, or step once, and arm then.`,
    );
  const status = (await tracker?.status(thread))?.process ?? "";
  const mask = (name: string): bigint =>
    BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1] ?? "0"}`);
  if (!tracker || (mask("SigCgt") & BIT) === 0n || (mask("SigBlk") & BIT) !== 0n)
    throw new Error(
      "The program does not take the signal SIGSTKFLT, by whose handler delve's programs are armed: Go's runtime does, unless the program is a library of another language's, or is not Go. Debug it with lldb-dap or gdb instead.",
    );
  return thread;
}

async function enterHandler(context: CallContext, thread: number, place: bigint): Promise<void> {
  const pid = Number((await context.tracker?.status(thread))?.process.match(/^Tgid:\s*(\d+)$/m)?.[1]);
  if (!(await context.tracker?.interrupt(pid, thread, SIGNAL)))
    throw new Error(`Thread ${thread} can't be sent a signal: delve does not hold it on this computer.`);
  await stepHidden(context);
  if ((await integer(context, RIP)) === place)
    throw new Error("The signal by which delve's programs are armed did not come.");
}

/** @returns what the system call left in rax; the thread stands where it stood before the signal. */
async function run(context: CallContext, { toAnswer, toReturn, answerAt }: Code, handler: bigint): Promise<bigint> {
  for (let i = 0; i < toAnswer; i += 1) await stepHidden(context);
  const at = await integer(context, RIP);
  if (at !== handler + BigInt(answerAt))
    throw new Error(`The thread did not run the system call: it stands at ${hex(at)}.`);
  const result = await integer(context, RAX);
  for (let i = 0; i < toReturn; i += 1) await stepHidden(context);
  return result;
}

function withCode(values: readonly bigint[], { bytes }: Code): bigint[] {
  const whole = new BigUint64Array(values);
  new Uint8Array(whole.buffer).set(bytes);
  return [...whole];
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}

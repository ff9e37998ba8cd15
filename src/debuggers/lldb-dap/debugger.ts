// lldb-dap: calls run as inline assembly compiled by lldb itself, so programs without any libc symbol will do.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "../adapter-port.ts";
import { type Debugger, exitedCode } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";
import { SIGNAL_NUMBERS } from "../signal-numbers.ts";

/** The registers that carry a system call's arguments on x86-64, in order. */
const REGISTERS = ["rdi", "rsi", "rdx", "r10", "r8", "r9"];

export const lldbDap: Debugger = {
  name: "lldb-dap",

  quirks: {
    // `stackTrace` is not among them: in C++ programs it runs __cxa_current_exception_type; formatters of C++ types run code, too.
    harmless: new Set(["threads", "source", "modules", "exceptionInfo", "breakpointLocations"]),
    conditionsWrite: true,
    stopsPerThread: true,
  },

  recognizes: debugType => debugType === "lldb-dap",

  async processId(context) {
    return context.announcedPid ?? lldbDap.systemCall(context, 39, []);
  },

  async systemCall({ port, threadId }, number, args) {
    const frameId = await frameToCallIn(port, threadId);
    return Number(await evaluate(port, frameId, systemCallExpression(number, args)));
  },

  exitCode(event, lastSignal) {
    const told = exitedCode(event);
    // It tells a signal's number where a signal ended the program.
    const bySignal = told !== undefined && lastSignal !== undefined && SIGNAL_NUMBERS[lastSignal] === told;
    return bySignal ? 128 + told : told;
  },
};

function systemCallExpression(number: number, args: readonly number[]): string {
  if (args.length > REGISTERS.length) throw new Error(`A system call takes no ${args.length} arguments.`);
  const registers = REGISTERS.slice(0, args.length);
  const variables = args
    .map((arg, i) => `register long ${registers[i]} __asm__("${registers[i]}") = ${arg}L;`)
    .join(" ");
  const inputs = [`"0"(${number}L)`, ...registers.map(register => `"r"(${register})`)].join(", ");
  return `long r; ${variables} __asm__ volatile("syscall" : "=a"(r) : ${inputs} : "rcx", "r11", "memory"); r`;
}

/**
 * lldb-server 19 gets memory for an expression by a call of its own in the program; a pending signal takes that call's place,
 * the signal is lost and the address is wrong, from then on for every expression. Memory that it has got before will do.
 */
const PENDING_SIGNAL =
  'lldb can\'t run calls in a program to which a signal was pending, such as a timer\'s, when it was first asked to. \
Start again with this in the launch configuration: "postRunCommands": ["expression -- __asm__ volatile(\\"nop\\")"].';

/** In context `watch` an expression is an expression; in `repl` lldb may take it for a command. */
async function evaluate(port: AdapterPort, frameId: number, expression: string): Promise<string> {
  const args: DebugProtocol.EvaluateArguments = { expression, frameId, context: "watch" };
  try {
    const { result } = (await port.request("evaluate", args)) as DebugProtocol.EvaluateResponse["body"];
    if (!/^-?\d+$/.test(result)) throw new Error(`lldb could not run a system call in the program: ${result}`);
    return result;
  } catch (error) {
    const lostItsMemory = error instanceof Error && /SIGSEGV|invalid pointer/.test(error.message);
    throw lostItsMemory ? new Error(`${PENDING_SIGNAL} (${error.message})`, { cause: error }) : error;
  }
}

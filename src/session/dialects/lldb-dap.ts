// lldb-dap: calls run as inline assembly compiled by lldb itself, so programs without any libc symbol will do.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "../adapter-port.ts";
import type { Dialect } from "./dialect.ts";

/** The registers that carry a system call's arguments on x86-64, in order. */
const REGISTERS = ["rdi", "rsi", "rdx", "r10", "r8", "r9"];

export const lldbDap: Dialect = {
  name: "lldb-dap",

  async processId(port, frameId, announced) {
    return announced ?? Number(await evaluate(port, frameId, systemCallExpression(39, [])));
  },

  async systemCall(port, frameId, number, args) {
    return Number(await evaluate(port, frameId, systemCallExpression(number, args)));
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

/** In context `watch` an expression is an expression; in `repl` lldb may take it for a command. */
async function evaluate(port: AdapterPort, frameId: number, expression: string): Promise<string> {
  const args: DebugProtocol.EvaluateArguments = { expression, frameId, context: "watch" };
  const { result } = (await port.request("evaluate", args)) as DebugProtocol.EvaluateResponse["body"];
  if (!/^-?\d+$/.test(result)) throw new Error(`lldb could not run a system call in the program: ${result}`);
  return result;
}

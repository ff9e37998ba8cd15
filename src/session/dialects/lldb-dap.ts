// lldb-dap: calls run as inline assembly compiled by lldb itself, so programs without any libc symbol will do.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "../adapter-port.ts";
import type { Dialect } from "./dialect.ts";

/** The registers that carry a system call's arguments on x86-64, in order, as constraints of inline assembly. */
const CONSTRAINTS = ['"D"', '"S"', '"d"'] as const;

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
  if (args.length > CONSTRAINTS.length)
    throw new Error(`${args.length} arguments are more than lldb-dap's calls carry`);
  const inputs = [`"0"(${number}L)`, ...args.map((arg, i) => `${CONSTRAINTS[i]}(${arg}L)`)].join(", ");
  return `long r; __asm__ volatile("syscall" : "=a"(r) : ${inputs} : "rcx", "r11", "memory"); r`;
}

/** In context `watch` an expression is an expression; in `repl` lldb may take it for a command. */
async function evaluate(port: AdapterPort, frameId: number, expression: string): Promise<string> {
  const args: DebugProtocol.EvaluateArguments = { expression, frameId, context: "watch" };
  const { result } = (await port.request("evaluate", args)) as DebugProtocol.EvaluateResponse["body"];
  if (!/^-?\d+$/.test(result)) throw new Error(`lldb could not run a system call in the program: ${result}`);
  return result;
}

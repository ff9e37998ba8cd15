// gdb through cdt-gdb-adapter: gdb's Python does the work, and what it prints comes back as an output event.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "../../debuggers/adapter-port.ts";
import type { Dialect } from "./dialect.ts";
import { gdbSystemCall, parseMarked, processIdScript, pythonCommand } from "./gdb-python.ts";

export const cdtGdb: Dialect = {
  name: "gdb (cdt-gdb-adapter)",

  async processId(port, frameId) {
    return runPython(port, frameId, processIdScript);
  },

  async systemCall(port, frameId, number, args) {
    return runPython(port, frameId, gdbSystemCall(number, args));
  },
};

let marks = 0;

/**
 * Runs Python in gdb; it answers by calling print_result(number).
 * @throws {Error} with gdb's own words where the script failed.
 */
async function runPython(port: AdapterPort, frameId: number, script: string): Promise<number> {
  marks += 1;
  const mark = `writewatch-${marks}`;
  let printed = "";
  const subscription = port.onEvent(event => {
    if (event.event === "output") printed += (event as DebugProtocol.OutputEvent).body.output;
  });
  try {
    const expression = `>${pythonCommand(mark, script)}`;
    const args: DebugProtocol.EvaluateArguments = { expression, frameId, context: "repl" };
    await port.request("evaluate", args);
    // The output event may come a moment after the response.
    for (let wait = 0; wait < 200; wait += 1) {
      const result = parseMarked(mark, printed);
      if (result !== undefined) return result;
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    throw new Error(`gdb did not answer: ${printed.trim() || "it printed nothing"}`);
  } finally {
    subscription.dispose();
  }
}

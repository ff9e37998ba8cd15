// gdb through cdt-gdb-adapter: gdb's Python does the work, and what it prints comes back as an output event.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "../adapter-port.ts";
import type { Debugger } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";
import { gdbSystemCall, parseMarked, processIdScript, pythonCommand } from "../gdb/python.ts";
import { EXIT_MARK } from "./exit-mark.ts";

export const cdtGdb: Debugger = {
  name: "gdb (cdt-gdb-adapter)",

  quirks: {
    // Not `variables`: pretty printers may call the program's functions.
    harmless: new Set(["threads", "stackTrace", "scopes", "source", "modules", "readMemory", "disassemble"]),
    conditionsWrite: true,
    stopsPerThread: false,
  },

  recognizes: debugType => debugType === "gdb",

  processId: ({ port, threadId }) => runPython(port, threadId, processIdScript),

  systemCall: ({ port, threadId }, number, args) => runPython(port, threadId, gdbSystemCall(number, args)),

  // It has no `exited` event; the trace command has gdb print the code.
  exitCode(event) {
    if (event.event !== "output") return undefined;
    const found = new RegExp(`${EXIT_MARK} (-?\\d+)`).exec((event as DebugProtocol.OutputEvent).body.output);
    return found ? Number(found[1]) : undefined;
  },
};

let marks = 0;

/**
 * Runs Python in gdb; it answers by calling print_result(number).
 * @throws {Error} with gdb's own words where the script failed.
 */
async function runPython(port: AdapterPort, threadId: number, script: string): Promise<number> {
  marks += 1;
  const mark = `writewatch-${marks}`;
  const frameId = await frameToCallIn(port, threadId);
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

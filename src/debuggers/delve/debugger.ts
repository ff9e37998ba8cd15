// delve, the debugger of Go (`dlv dap`, which VS Code's extension for Go starts).
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type Debugger, exitedCode } from "../debugger.ts";
import { expectedBy } from "../safety.ts";
import { handledCall } from "./handled-call.ts";
import { locateInGo } from "./locate.ts";
import { goroutineOf, integer } from "./requests.ts";

export const delve: Debugger = {
  name: "delve",

  quirks: {
    // Measured on delve 1.20.2 and 1.27.2 (test/debuggers/runtimes): it reads by ptrace, and runs nothing to show a value. What
    // sets breakpoints writes them into the code at once.
    harmless: new Set([
      "threads",
      "stackTrace",
      "scopes",
      "variables",
      "source",
      "modules",
      "exceptionInfo",
      "disassemble",
    ]),
    conditionsWrite: false,
    stopsPerThread: false,
    numbersThreadsAsSystem: false,
    answersAmongOutput: false,
    ofThisComputer: true,
    // It answers before it looks for the goroutine, and has to tell a stop where there is none of that number.
    retell: {
      command: "stepIn",
      args: { threadId: Number.MAX_SAFE_INTEGER, granularity: "instruction" },
      reason: "error",
    },
    continuesSteps: false,
  },

  recognizes: ({ debugType }) => (debugType === "go" || debugType === "delve" ? "yes" : "no"),

  async processId(context) {
    const known = context.announcedPid ?? expectedBy(context.configuration).pid;
    // The runtime keeps the number of its first thread; in quotes it is the package, whatever a variable is called.
    return known ?? Number(await integer(context, '"runtime".m0.procid'));
  },

  systemCall: handledCall,

  locate: locateInGo,

  threadOf: goroutineOf,

  async stepInstruction({ port, threadId }) {
    // Not `next`, by which newer ones run a whole call, and all goroutines with it.
    await port.request("stepIn", { threadId, granularity: "instruction" });
    return undefined;
  },

  exitCode(event) {
    if (event.event !== "output") return exitedCode(event);
    const { category, output } = (event as DebugProtocol.OutputEvent).body;
    const code = category === "console" ? /^Process \d+ has exited with status (-?\d+)/.exec(output)?.[1] : undefined;
    return code === undefined ? undefined : Number(code);
  },
};

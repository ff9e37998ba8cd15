// js-debug, the debugger of JavaScript that is built into VS Code: V8 debugs itself, and js-debug speaks with it.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type CallContext, type Debugger, exitedCode, type Quirks } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";
import { systemCallByPtrace } from "../own-ptrace.ts";
import type { AdapterSigns } from "../signs.ts";

const TYPES = new Set(["pwa-node", "node", "pwa-extensionHost"]);

const quirks: Quirks = {
  // V8 answers from within.
  harmless: new Set(),
  conditionsWrite: true,
  stopsPerThread: false,
  numbersThreadsAsSystem: false,
  answersAmongOutput: false,
  ofThisComputer: true,
  leavesUntraced: true,
  worksWithin: true,
  continuesSteps: false,
};

/** Whether a session is one of a program's, which another session has started: it is given the number of what it is to take. */
function isOfProgram({ configuration }: AdapterSigns): boolean {
  return configuration?.__pendingTargetId !== undefined;
}

async function noInstructions(): Promise<never> {
  throw new Error("js-debug steps statements of JavaScript, and no instructions.");
}

export const jsDebug: Debugger = {
  name: "js-debug",
  quirks,

  recognizes(signs) {
    if (!TYPES.has(signs.debugType)) return "no";
    if (signs.configuration === undefined) return "open";
    return isOfProgram(signs) ? "yes" : "no";
  },

  processId,

  systemCall: async (context, number, args) => systemCallByPtrace(context, await processId(context), number, args),

  async locate() {
    throw new Error(
      "JavaScript's engine tells no addresses, and moves its objects: choose memory by mapping, or by addresses.",
    );
  },

  stepInstruction: noInstructions,

  exitCode: exitedCode,
};

const STARTER = "This session has only started the program, which has a session of its own below it: arm that one.";

/** The session that a user starts: it launches programs, each of which has a session of its own, and never stops. */
export const jsDebugStarter: Debugger = {
  name: "js-debug, starting programs",
  quirks,
  whyNever: STARTER,

  recognizes(signs) {
    if (!TYPES.has(signs.debugType) && signs.debugType !== "node-terminal") return "no";
    if (signs.configuration === undefined) return "open";
    return isOfProgram(signs) ? "no" : "yes";
  },

  processId: armBelow,

  systemCall: armBelow,

  stepInstruction: noInstructions,

  exitCode: exitedCode,
};

async function armBelow(): Promise<never> {
  throw new Error(STARTER);
}

/** @throws {Error} the program's own answer is no number of a process. */
async function processId({ announcedPid, port, threadId }: CallContext): Promise<number> {
  if (announcedPid !== undefined) return announcedPid;
  const frameId = await frameToCallIn(port, threadId);
  // By way of the global object: a variable may be called so, too.
  const args: DebugProtocol.EvaluateArguments = { expression: "globalThis.process.pid", frameId, context: "watch" };
  const { result } = (await port.request("evaluate", args)) as DebugProtocol.EvaluateResponse["body"];
  if (!/^[1-9]\d{0,9}$/.test(result)) throw new Error(`The program does not tell the number of its process: ${result}`);
  return Number(result);
}

// Where the debuggee stands, asked of the debugger (DAP request stackTrace).
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import type { SourceLocation } from "../recording/step.ts";

export interface TopFrame {
  readonly id: number;
  readonly location: SourceLocation;
}

/**
 * The innermost frame of a stopped thread.
 * @returns undefined where the debugger gives none.
 * @throws {DapError} the debugger refused.
 */
export async function topFrame(port: AdapterPort, threadId: number): Promise<TopFrame | undefined> {
  const args: DebugProtocol.StackTraceArguments = { threadId, startFrame: 0, levels: 1 };
  const { stackFrames } = (await port.request("stackTrace", args)) as DebugProtocol.StackTraceResponse["body"];
  const frame = stackFrames[0];
  if (!frame) return undefined;
  const source = frame.source?.path ?? frame.source?.name;
  return {
    id: frame.id,
    location: { ...(source ? { source } : {}), line: frame.line, function: frame.name },
  };
}

/** The same, undefined also where the debugger refuses: a step is worth telling without its place. */
export async function locationOf(port: AdapterPort, threadId: number): Promise<SourceLocation | undefined> {
  try {
    return (await topFrame(port, threadId))?.location;
  } catch {
    return undefined;
  }
}

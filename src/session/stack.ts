// Where the debuggee stands, asked of the debugger (DAP request stackTrace).
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import { topFrame } from "../debuggers/frame.ts";
import type { SourceLocation } from "../recording/step.ts";

/** A frame's place in the program. */
export function placeOf(frame: DebugProtocol.StackFrame): SourceLocation {
  const source = frame.source?.path ?? frame.source?.name;
  return { ...(source ? { source } : {}), line: frame.line, function: frame.name };
}

/** Where a stopped thread stands; undefined also where the debugger refuses: a step is worth telling without its place. */
export async function locationOf(port: AdapterPort, threadId: number): Promise<SourceLocation | undefined> {
  try {
    const frame = await topFrame(port, threadId);
    return frame && placeOf(frame);
  } catch {
    return undefined;
  }
}

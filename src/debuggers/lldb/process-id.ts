// The number of the program's process, as lldb's server has it: the program can print what it likes, this answer comes with the request.
import type { LldbContext } from "./commands.ts";
import { packet } from "./packets.ts";

/** @throws {Error} the server does not tell. */
export async function serversProcessId(context: LldbContext): Promise<number> {
  const answer = await packet(context, "qProcessInfo");
  const pid = /^pid:([0-9a-f]+);/.exec(answer)?.[1];
  if (pid === undefined) throw new Error(`lldb's server does not tell the number of the process: ${answer}`);
  return Number.parseInt(pid, 16);
}

// Requests to the agent that must not compile; checked by the compiler alone, and never run.
import type { AgentProcess } from "../../../src/agent/process.ts";
import * as Protocol from "../../../src/agent/protocol.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";

export async function wrong(agent: AgentProcess): Promise<void> {
  const options = DEFAULT_ARM_OPTIONS;
  await agent.ask(Protocol.ATTACH, { pid: 1, descriptor: 2, options });
  // @ts-expect-error: the process is missing
  await agent.ask(Protocol.ATTACH, { descriptor: 2, options });
  // @ts-expect-error: a number as text
  await agent.ask(Protocol.ATTACH, { pid: "1", descriptor: 2, options });
  // @ts-expect-error: another request's parameters
  await agent.ask(Protocol.SETTLE, { pid: 1 });
  // @ts-expect-error: parameters where there are none
  await agent.ask(Protocol.SCAN, { resident: true });
  // @ts-expect-error: no request, but a name
  await agent.ask("scan", {});
  // @ts-expect-error: another request's answer
  (await agent.ask(Protocol.SCAN, {})).notes;
}

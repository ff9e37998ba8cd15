// A whole conversation with each debug adapter, beside the one on file: a change of behaviour shows as a difference in a text.
// After a change that is meant: UPDATE_CONVERSATIONS=1, and read the difference.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { topFrame } from "../../src/debuggers/frame.ts";
import { attachThroughDebugger } from "../../src/debuggers/injection.ts";
import { findAdapter } from "../../src/trace/adapters.ts";
import { LaunchedProgram } from "../../src/trace/debuggee.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { compiledText } from "../compile.ts";
import { EVERY_DEBUGGER } from "../debuggers-here.ts";

const agentModule = fileURLToPath(new URL("../../src/agent/main.ts", import.meta.url));

const PROGRAM = `int a = 1;
int main(void) {
  a = 2;
  a = 3;
  return a;
}
`;

/** Events that come when they come, and that nobody here waits for. */
const UNORDERED = ["output", "module", "thread", "memory", "invalidated", "capabilities"];

/** Writes down what is the same each time: no numbers of processes, threads, frames or messages. */
class Transcript {
  readonly lines: string[] = [];
  private readonly asked = new Map<number, number>();

  request({ type, seq, command, arguments: args }: DebugProtocol.Request): void {
    if (type !== "request") return;
    this.asked.set(seq, this.lines.length);
    this.lines.push(command === "evaluate" ? `evaluate ${kindOf(args.expression)}` : command);
  }

  /** An answer stands beside its request: before or after the events that it causes, both happen. */
  answer(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === "response") {
      const { request_seq, command, success, body } = message as DebugProtocol.Response;
      const [frame] = (command === "stackTrace" ? body?.stackFrames : undefined) ?? [];
      const at = this.asked.get(request_seq) ?? 0;
      const told = frame ? `, line ${frame.line}` : "";
      this.lines[at] = `${this.lines[at]}: ${success ? "done" : "refused"}${told}`;
    } else if (message.type === "event") {
      const { event, body } = message as DebugProtocol.Event;
      if (UNORDERED.includes(event)) return;
      const detail = body?.reason ?? body?.exitCode;
      this.lines.push(`    ${event}${detail === undefined ? "" : ` (${detail})`}`);
    }
  }

  heading(text: string): void {
    this.lines.push(`# ${text}`);
  }
}

/** What is evaluated, without the numbers in it. */
function kindOf(expression: string): string {
  const packet = /packet send "([^"]*)"/.exec(expression)?.[1];
  if (packet === undefined) return /[a-z ]*/.exec(expression.slice(1))?.[0].trim() ?? "";
  return `packet ${/^([A-Zm-p](?=[0-9a-f]+[,;=])|[A-Za-z]*?(?=[0-9a-f]*$|[;:,]))/.exec(packet)?.[0] ?? packet}`;
}

for (const name of EVERY_DEBUGGER) {
  it(`The conversation with ${name} is the one on file`, async () => {
    const adapter = findAdapter(name);
    const file = fileURLToPath(new URL(`conversations/${adapter.debugType}.txt`, import.meta.url));
    const program = compiledText(PROGRAM, "conversation");
    const launched = new LaunchedProgram(adapter, 20_000);
    const { client } = launched;
    const keeper = new AgentKeeper(agentModule, NO_LOG);
    const tracker = keeper.tracker();
    const transcript = new Transcript();
    client.onToAdapter.listen(message => transcript.request(message as DebugProtocol.Request));
    client.onFromAdapter.listen(message => transcript.answer(message));
    try {
      await launched.launch({ program, args: [], cwd: "/", input: "/dev/null", output: "/dev/null" }, "main");
      let now = await launched.next();
      const called = adapter.debugger;
      assert.ok(called);
      transcript.heading("arming");
      const threadId = now.kind === "stopped" ? now.threadId : 0;
      const context = { port: client, threadId, announcedPid: undefined };
      const pid = await called.processId(context);
      await attachThroughDebugger({ debugger: called, context, pid }, tracker, DEFAULT_ARM_OPTIONS);
      await tracker.arm();
      transcript.heading("steps");
      for (let i = 0; i < 2 && now.kind === "stopped"; i += 1) {
        await client.request("next", { threadId: now.threadId });
        now = await launched.next();
        assert.equal(now.kind, "stopped");
        if (now.kind === "stopped") await topFrame(client, now.threadId);
      }
      transcript.heading("to the end");
      if (now.kind === "stopped") await client.request("continue", { threadId: now.threadId });
      assert.deepEqual(await launched.next(), { kind: "ended", exitCode: 3 });
      transcript.heading("ended");
    } finally {
      keeper.dispose();
      await launched.dispose();
    }
    // How an adapter ends when nothing is left to end is its own affair.
    const { lines } = transcript;
    const text = `${lines.slice(0, lines.indexOf("# ended") + 1).join("\n")}\n`;
    if (process.env.UPDATE_CONVERSATIONS) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, "utf8"));
  });
}

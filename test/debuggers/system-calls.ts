// For tests: a program stopped by a real debugger, in which system calls are run, and what can be seen of it from outside.
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Debugger } from "../../src/debuggers/debugger.ts";
import { topFrame } from "../../src/debuggers/frame.ts";
import { debuggerFor } from "../../src/debuggers/index.ts";
import type { Adapter } from "../../src/trace/adapters.ts";
import { type Happening, LaunchedProgram } from "../../src/trace/debuggee.ts";
import { ProgramOutput } from "../../src/trace/program-output.ts";

export class SystemCalls {
  private readonly program: string;
  private readonly output: ProgramOutput;
  private readonly launched: LaunchedProgram;
  private readonly called: Debugger;
  private thread = 1;

  private constructor(adapter: Adapter, program: string, outputFile: string) {
    const called = debuggerFor(adapter.debugType);
    if (!called) throw new Error(`nothing is known of ${adapter.debugType}`);
    this.program = program;
    this.called = called;
    this.output = new ProgramOutput(outputFile);
    this.launched = new LaunchedProgram(adapter, 30_000);
  }

  static async start(adapter: Adapter, program: string, location: string, outputFile: string): Promise<SystemCalls> {
    const calls = new SystemCalls(adapter, program, outputFile);
    const { launched, output } = calls;
    await launched.launch({ program, args: [], cwd: "/", input: "/dev/null", output: output.path }, location);
    const happening = await launched.next();
    if (happening.kind !== "stopped") throw new Error(`${program} never came to ${location}`);
    calls.thread = happening.threadId;
    return calls;
  }

  async call(number: number, ...args: number[]): Promise<number> {
    return this.called.systemCall({ port: this.launched.client, threadId: this.thread }, number, args);
  }

  /** All of the thread's registers, vectors too, as the debugger prints them. */
  async registers(): Promise<string> {
    const lldb = this.called.name === "lldb-dap";
    const { client } = this.launched;
    let printed = "";
    const subscription = client.onEvent(event => {
      if (event.event === "output") printed += (event as DebugProtocol.OutputEvent).body.output;
    });
    const frameId = await this.frame();
    const ask = async (expression: string): Promise<string> => {
      const args: DebugProtocol.EvaluateArguments = { expression, frameId, context: "repl" };
      return ((await client.request("evaluate", args)) as DebugProtocol.EvaluateResponse["body"]).result;
    };
    const result = await ask(lldb ? "`register read --all" : ">info all-registers");
    if (!lldb) {
      // gdb's words come as output events, a moment after the response.
      await ask(">python print('end ' + 'of registers')");
      while (!printed.includes("end of registers")) await new Promise(resolve => setTimeout(resolve, 5));
    }
    subscription.dispose();
    return lldb ? result : printed;
  }

  /** @returns a function that tells which events on the program's running have come since. */
  eventsFromNow(): () => string[] {
    const events: string[] = [];
    const subscription = this.launched.client.onEvent(({ event }) => {
      if (["stopped", "continued", "thread", "breakpoint", "exited", "terminated"].includes(event)) events.push(event);
    });
    return () => {
      subscription.dispose();
      return events;
    };
  }

  /** The value of a global variable of eight bytes, read past the debugger. */
  variable(pid: number, name: string): bigint {
    const symbols = execFileSync("nm", [this.program], { encoding: "utf8" });
    const offset = BigInt(`0x${new RegExp(`^([0-9a-f]+) . ${name}$`, "m").exec(symbols)?.[1]}`);
    const start = BigInt(`0x${/^[0-9a-f]+/.exec(readFileSync(`/proc/${pid}/maps`, "latin1"))}`);
    // A program at a fixed address has its symbols there already.
    const address = offset < start ? offset + start : offset;
    const memory = openSync(`/proc/${pid}/mem`, "r");
    const bytes = Buffer.alloc(8);
    readSync(memory, bytes, 0, 8, address);
    closeSync(memory);
    return bytes.readBigInt64LE();
  }

  async runToEnd(): Promise<Happening> {
    await this.launched.clearBreakpoints();
    // Other threads may have come to the breakpoint with this one, and be told of only now.
    for (;;) {
      await this.launched.client.request("continue", { threadId: this.thread });
      const happening = await this.launched.next();
      if (happening.kind === "ended") return happening;
    }
  }

  async close(): Promise<void> {
    await this.launched.dispose();
    await this.output.close();
  }

  private async frame(): Promise<number> {
    const frame = await topFrame(this.launched.client, this.thread);
    if (!frame) throw new Error("no frame");
    return frame.id;
  }
}

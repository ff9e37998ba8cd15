// For tests: a program stopped by a real debugger, in which system calls are run, and what can be seen of it from outside.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { CallContext, Debugger } from "../../src/debuggers/debugger.ts";
import { topFrame } from "../../src/debuggers/frame.ts";
import type { Adapter } from "../../src/trace/adapters.ts";
import type { DapClient } from "../../src/trace/dap-client.ts";
import { type Happening, LaunchedProgram } from "../../src/trace/debuggee.ts";
import { ProgramOutput } from "../../src/trace/program-output.ts";
import { isLldb, lldbCommand } from "../lldb-command.ts";

export class SystemCalls {
  private readonly program: string;
  private readonly output: ProgramOutput;
  private readonly launched: LaunchedProgram;
  private readonly called: Debugger;
  private thread = 1;
  private child: ChildProcess | undefined;
  private outputFile = "";
  /** Of the last stop. */
  reason = "";

  private constructor(adapter: Adapter, program: string, outputFile: string) {
    const called = adapter.debugger;
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

  /**
   * Attaches to a program that runs, and stops it where it is.
   * @param ready what the program prints when it may be attached to.
   */
  static async attach(adapter: Adapter, program: string, outputFile: string, ready = "ready"): Promise<SystemCalls> {
    const output = openSync(outputFile, "w");
    const child = spawn(program, [], { stdio: ["pipe", output, output] });
    closeSync(output);
    while (!readFileSync(outputFile, "latin1").includes(ready)) await new Promise(resolve => setTimeout(resolve, 5));
    const calls = new SystemCalls(adapter, program, "/dev/null");
    calls.child = child;
    calls.outputFile = outputFile;
    const { client } = calls.launched;
    await client.request("initialize", { clientID: "writewatch", adapterID: adapter.debugType, pathFormat: "path" });
    const initialized = client.nextEvent(({ event }) => event === "initialized");
    // The one calls it `pid`, the other `processId`.
    const attached = client.request("attach", { program, pid: child.pid, processId: child.pid });
    await Promise.race([initialized, attached.then(() => initialized)]);
    await client.request("configurationDone");
    await attached;
    await calls.findThread(Number(child.pid));
    return calls;
  }

  /** Before the first stop no event has told a thread. */
  private async findThread(pid: number): Promise<void> {
    const { threads } = (await this.launched.client.request("threads")) as DebugProtocol.ThreadsResponse["body"];
    this.thread = threads[0]?.id ?? pid;
  }

  get client(): DapClient {
    return this.launched.client;
  }

  get context(): CallContext {
    return { port: this.launched.client, threadId: this.thread };
  }

  /** To the standard input of a program that was attached to. */
  send(text: string): void {
    this.child?.stdin?.write(text);
  }

  /** Waits until the program has printed a text and then sleeps in the kernel, and stops it there. */
  async pauseAsleep(pid: number, text: string): Promise<void> {
    const printed = (): string => readFileSync(this.outputFile, "latin1");
    while (!printed().includes(text)) await new Promise(resolve => setTimeout(resolve, 5));
    const state = (): string =>
      readFileSync(`/proc/${pid}/stat`, "latin1")
        .replace(/^.*\) /s, "")
        .slice(0, 1);
    while (state() !== "S") await new Promise(resolve => setTimeout(resolve, 5));
    await this.pause();
  }

  async go(): Promise<void> {
    await this.launched.client.request("continue", { threadId: this.thread });
  }

  /** lldb loses a request to pause now and then where signals come all the time (without any call too): it is asked again. */
  async pause(): Promise<void> {
    const { client } = this.launched;
    const stopped = this.stopped();
    await client.request("pause", { threadId: this.thread });
    const again = setInterval(() => void client.request("pause", { threadId: this.thread }).catch(() => {}), 3000);
    await stopped.finally(() => clearInterval(again));
  }

  /** Waits for the next stop. */
  async stopped(): Promise<void> {
    const happening = await this.launched.next();
    if (happening.kind !== "stopped") throw new Error(`${this.program} ended (${happening.exitCode})`);
    this.thread = happening.threadId;
    this.reason = happening.reason;
  }

  /** Waits for the program's end. */
  end(): Promise<Happening> {
    return this.launched.next();
  }

  /** The debugger's own command, in its console. */
  async evaluate(expression: string): Promise<void> {
    await this.launched.client.request("evaluate", { expression, frameId: await this.frame(), context: "repl" });
  }

  /**
   * Lets the program go that was attached to.
   * @param what whether to ask it to end (SIGTERM), or to send it another byte.
   * @returns how it ended by itself.
   */
  async detach(
    what: "end" | "send" = "end",
  ): Promise<{ readonly code: number | null; readonly signal: string | null }> {
    const { child } = this;
    if (!child) throw new Error("nothing was attached to");
    const exit = new Promise<{ code: number | null; signal: string | null }>(resolve => {
      if (child.exitCode !== null || child.signalCode !== null) {
        resolve({ code: child.exitCode, signal: child.signalCode });
      }
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    await this.launched.client.request("disconnect", { terminateDebuggee: false });
    if (what === "end") child.kill("SIGTERM");
    else this.send("x");
    return exit;
  }

  async call(number: number, ...args: number[]): Promise<number> {
    return this.called.systemCall(this.context, number, args);
  }

  /** All of the thread's registers, vectors too, as the debugger prints them. */
  async registers(): Promise<string> {
    const { client } = this.launched;
    const frameId = await this.frame();
    if (isLldb(client.debugType)) return lldbCommand(client, "register read --all", frameId);
    if (client.debugType === "gdb-dap") return this.gdbCommand("info all-registers", frameId);
    if (client.debugType === "cppdbg") return this.gdbCommand("-exec info all-registers", frameId);
    let printed = "";
    const subscription = client.onEvent(event => {
      if (event.event === "output") printed += (event as DebugProtocol.OutputEvent).body.output;
    });
    const ask = (expression: string): Promise<unknown> =>
      client.request("evaluate", { expression, frameId, context: "repl" } satisfies DebugProtocol.EvaluateArguments);
    await ask(">info all-registers");
    // gdb's words come as output events, a moment after the response.
    await ask(">python print('end ' + 'of registers')");
    while (!printed.includes("end of registers")) await new Promise(resolve => setTimeout(resolve, 5));
    subscription.dispose();
    return printed;
  }

  private async gdbCommand(expression: string, frameId: number): Promise<string> {
    const args: DebugProtocol.EvaluateArguments = { expression, frameId, context: "repl" };
    const body = await this.launched.client.request("evaluate", args);
    return (body as DebugProtocol.EvaluateResponse["body"]).result;
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
    this.child?.kill("SIGKILL");
    await this.launched.dispose();
    await this.output.close();
  }

  private async frame(): Promise<number> {
    const frame = await topFrame(this.launched.client, this.thread);
    if (!frame) throw new Error("no frame");
    return frame.id;
  }
}

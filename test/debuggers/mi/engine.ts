// For tests: what MIEngine's OpenDebugAD7 says, in its formats, with a real gdb behind it; no line of its code, which needs .NET.
// Facts from AD7DebugSession.cs, DebuggedProcess.cs, DebuggedThread.cs and Variables.cs of github.com/microsoft/MIEngine.
import { readFileSync } from "node:fs";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Emitter } from "../../../src/common/emitter.ts";
import type { AdapterObject } from "../../../src/trace/inline-adapter.ts";
import { fieldOf, MiGdb, type MiRecord, quoted, tuplesOf } from "./gdb.ts";

const capabilities = new URL("../../unit/debuggers/adapters/cppdbg.json", import.meta.url);

interface Arguments {
  readonly [name: string]: unknown;
}

interface Frame {
  readonly thread: string;
  readonly level: number;
}

/** MIEngine's order of what it makes of a stop's reason. */
const REASONS: Readonly<Record<string, string>> = {
  "breakpoint-hit": "breakpoint",
  "end-stepping-range": "step",
  "function-finished": "step",
  "location-reached": "step",
};

export class MiEngine implements AdapterObject {
  private readonly gdb: MiGdb;
  private readonly messages = new Emitter<DebugProtocol.ProtocolMessage>();
  private seq = 0;
  private isStopped = false;
  private isPausing = false;
  private isAnnounced = false;
  /** Handles live as long as the stop. */
  private frames: Frame[] = [];
  /** gdb's numbers of threads, by the system's. */
  private threads = new Map<number, { readonly id: string; readonly name: string }>();
  private breakpoints: string[] = [];
  private pid = 0;
  private program = "";

  constructor(gdb: string) {
    this.gdb = new MiGdb(gdb);
    this.gdb.onRecord.listen(record => void this.told(record));
  }

  onDidSendMessage(listener: (message: DebugProtocol.ProtocolMessage) => void): unknown {
    return this.messages.listen(listener);
  }

  handleMessage(message: DebugProtocol.ProtocolMessage): void {
    const { seq, command, arguments: args = {} } = message as DebugProtocol.Request;
    this.handle(command, args as Arguments).then(
      body => this.send({ type: "response", request_seq: seq, command, success: true, ...(body ? { body } : {}) }),
      error => this.send({ type: "response", request_seq: seq, command, success: false, message: error.message }),
    );
  }

  dispose(): void {
    this.gdb.dispose();
  }

  private async handle(command: string, args: Arguments): Promise<object | undefined> {
    switch (command) {
      case "initialize":
        return (JSON.parse(readFileSync(capabilities, "utf8")) as { initialize: object }).initialize;
      case "launch":
        await this.launch(args);
        return undefined;
      case "configurationDone":
        await this.gdb.demand("-exec-run");
        return undefined;
      case "setFunctionBreakpoints":
        return this.setBreakpoints(
          (args.breakpoints as { name: string }[]).map(({ name }) => `--function ${quoted(name)}`),
        );
      case "setBreakpoints": {
        const { path } = args.source as { path: string };
        const lines = args.breakpoints as { line: number }[];
        return this.setBreakpoints(lines.map(({ line }) => `--source ${quoted(path)} --line ${line}`));
      }
      case "threads":
        return { threads: [...this.threads].map(([id, { name }]) => ({ id, name: `${name} [${id}]` })) };
      case "stackTrace":
        return this.stackTrace(Number(args.threadId), Number(args.levels ?? 0));
      case "evaluate":
        return this.evaluate(args as unknown as DebugProtocol.EvaluateArguments);
      case "continue":
        this.letGo();
        await this.gdb.demand("-exec-continue");
        return {};
      case "next":
      case "stepIn":
      case "stepOut":
        await this.step(command, Number(args.threadId), args.granularity === "instruction");
        return undefined;
      case "pause":
        this.isPausing = true;
        process.kill(this.pid, "SIGINT");
        return undefined;
      case "disconnect":
        this.gdb.dispose();
        return undefined;
      default:
        throw new Error(`the double does not know '${command}'`);
    }
  }

  /** Types and names of each frame's parameters, by its level: what a frame is called where no format is asked for. */
  private async parametersOf(thread: string): Promise<ReadonlyMap<string, string>> {
    const text = await this.gdb.demand(`-stack-list-arguments --thread ${thread} 2`);
    return new Map(
      tuplesOf(text).map(frame => [
        fieldOf(frame, "level") ?? "",
        tuplesOf(frame)
          .map(one => `${fieldOf(one, "type")} ${fieldOf(one, "name")}`)
          .join(", "),
      ]),
    );
  }

  private async launch({ program, cwd, args, environment }: Arguments): Promise<void> {
    const given = (args as string[] | undefined) ?? [];
    this.program = String(program);
    for (const { name, value } of (environment as { name: string; value: string }[] | undefined) ?? [])
      await this.console(`set env ${name} ${value}`);
    for (const setting of ["mi-async off", "pagination off", "print sevenbit-strings off"])
      await this.gdb.demand(`-gdb-set ${setting}`);
    await this.gdb.demand(`-environment-cd ${quoted(String(cwd))}`);
    await this.gdb.demand(`-file-exec-and-symbols ${quoted(String(program))}`);
    if (given.length > 0) await this.gdb.demand(`-exec-arguments ${given.join(" ")}`);
    this.event("initialized", {});
  }

  private async setBreakpoints(places: readonly string[]): Promise<object> {
    if (this.breakpoints.length > 0) await this.gdb.demand(`-break-delete ${this.breakpoints.join(" ")}`);
    this.breakpoints = [];
    const told: object[] = [];
    for (const place of places) {
      const number = fieldOf(await this.gdb.demand(`-break-insert -f ${place}`), "number") ?? "";
      this.breakpoints.push(number);
      told.push({ id: Number(number), verified: true });
    }
    return { breakpoints: told };
  }

  private async stackTrace(threadId: number, levels: number): Promise<object> {
    if (!this.isStopped) return { stackFrames: [], totalFrames: 0 };
    const thread = this.threads.get(threadId);
    if (!thread) throw new Error("stackTrace: 'threadId' property has an invalid value");
    const most = levels > 0 ? ` 0 ${levels - 1}` : "";
    const text = await this.gdb.demand(`-stack-list-frames --thread ${thread.id}${most}`);
    const parameters = await this.parametersOf(thread.id);
    const stackFrames = tuplesOf(text).map(frame => {
      this.frames.push({ thread: thread.id, level: Number(fieldOf(frame, "level")) });
      const path = fieldOf(frame, "fullname");
      return {
        id: 1000 + this.frames.length - 1,
        name: `${(fieldOf(frame, "from") ?? this.program).split("/").at(-1)}!${fieldOf(frame, "func") ?? "??"}(${parameters.get(fieldOf(frame, "level") ?? "") ?? ""})`,
        line: Number(fieldOf(frame, "line") ?? 0),
        column: 0,
        ...(path ? { source: { name: path.split("/").at(-1), path } } : {}),
      };
    });
    return { stackFrames, totalFrames: stackFrames.length };
  }

  private async evaluate({ expression, frameId = -1, context }: DebugProtocol.EvaluateArguments): Promise<object> {
    if (!this.isStopped) throw new Error("Unable to perform this action because the process is running.");
    const isCommand = context === "repl" && (expression.startsWith("-exec") || expression.startsWith("`"));
    const frame = frameId === -1 && isCommand ? this.frames[0] : this.frames[frameId - 1000];
    if (!frame) throw new Error("Cannot evaluate expression on the specified stack frame.");
    if (isCommand) {
      const command = expression.replace(/^(-exec |`)/, "").trim();
      // ignoreFailures: the words of a refusal are the result.
      const result = command.startsWith("-") ? (await this.gdb.ask(command)).record.text : await this.console(command);
      return { result, variablesReference: 0 };
    }
    const { thread, level } = frame;
    const text = await this.gdb.demand(`-var-create --thread ${thread} --frame ${level} - * ${quoted(expression)}`);
    await this.gdb.demand(`-var-delete ${fieldOf(text, "name")}`);
    return { result: fieldOf(text, "value") ?? "", type: fieldOf(text, "type"), variablesReference: 0 };
  }

  private async console(command: string): Promise<string> {
    return (await this.gdb.ask(`-interpreter-exec console ${quoted(command)}`)).printed;
  }

  private async step(command: string, threadId: number, isInstruction: boolean): Promise<void> {
    if (!this.isStopped) return;
    const thread = this.threads.get(threadId);
    if (!thread) throw new Error("Unable to step.");
    const kind = { next: "next", stepIn: "step", stepOut: "finish" }[command];
    const unit = isInstruction && command !== "stepOut" ? "-instruction" : "";
    await this.gdb.demand(`-exec-${kind}${unit} --thread ${thread.id} --frame 0`);
    this.letGo();
  }

  private letGo(): void {
    this.isStopped = false;
    this.frames = [];
  }

  private async told({ kind, text }: MiRecord): Promise<void> {
    if (kind === "=thread-group-started") this.pid = Number(fieldOf(text, "pid"));
    if (kind === "=thread-group-exited" && fieldOf(text, "id") === "i1") {
      this.isStopped = false;
      this.event("exited", { exitCode: Number.parseInt(fieldOf(text, "exit-code") ?? "0", 8) });
      this.event("terminated", {});
    }
    if (kind !== "*stopped") return;
    const reason = fieldOf(text, "reason") ?? "";
    if (reason.startsWith("exited")) return;
    await this.learnThreads();
    if (!this.isAnnounced) {
      this.isAnnounced = true;
      this.event("process", { name: "a.out", systemProcessId: this.pid, startMethod: "launch", pointerSize: 64 });
    }
    const id = fieldOf(text, "thread-id");
    const [threadId = 0] = [...this.threads].find(([, thread]) => thread.id === id) ?? [];
    // SIGINT counts as a pause only while one is wanted; of any other signal its meaning is told, and not its name.
    const isPause = this.isPausing && fieldOf(text, "signal-name") === "SIGINT";
    this.isPausing = false;
    this.isStopped = true;
    const said = isPause ? "pause" : (REASONS[reason] ?? "exception");
    const meaning = said === "exception" ? { text: fieldOf(text, "signal-meaning") } : {};
    this.event("stopped", { reason: said, threadId, allThreadsStopped: true, ...meaning });
  }

  private async learnThreads(): Promise<void> {
    this.threads = new Map();
    const listed = await this.gdb.demand("-thread-info");
    for (const [thread] of listed.matchAll(/\{id="\d+",target-id="[^"]*"(,(details|name)="[^"]*")*/g)) {
      const target = fieldOf(thread, "target-id") ?? "";
      const system = Number(/\(LWP (\d+)\)/.exec(target)?.[1] ?? /^(?:process|LWP) (\d+)/i.exec(target)?.[1]);
      this.threads.set(system, { id: fieldOf(thread, "id") ?? "", name: fieldOf(thread, "name") ?? "" });
    }
  }

  private event(event: string, body: object): void {
    this.send({ type: "event", event, body });
  }

  private send(message: object): void {
    this.seq += 1;
    this.messages.fire({ seq: this.seq, ...message } as DebugProtocol.ProtocolMessage);
  }
}

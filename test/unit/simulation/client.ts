// A client of the simulator's debug adapter, in memory: asks, waits, and writes down what was said.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { SimulatorSession } from "../../../src/simulation/adapter/session.ts";

export const PROGRAM = "/programs/test.wsim";

type Body = Record<string, unknown>;

/** Events that end the program's run. */
const ENDS_A_RUN = ["stopped", "terminated"];

export class Client {
  readonly events: DebugProtocol.Event[] = [];
  /** "continue", "    stopped (step)": what both sides said, in order. */
  readonly transcript: string[] = [];
  private readonly session: SimulatorSession;
  private readonly answers = new Map<number, (response: DebugProtocol.Response) => void>();
  private waiting: (() => void)[] = [];
  private seq = 0;
  private seen = 0;

  constructor(source: string) {
    this.session = new SimulatorSession(async path => {
      if (path !== PROGRAM) throw new Error(`${path} can't be read.`);
      return source;
    });
    this.session.onDidSendMessage(message => this.receive(message));
  }

  /** Asks, whatever the answer. */
  ask(command: string, args: object = {}): Promise<DebugProtocol.Response> {
    this.seq += 1;
    const { seq } = this;
    const answer = new Promise<DebugProtocol.Response>(resolve => this.answers.set(seq, resolve));
    this.session.handleMessage({ seq, type: "request", command, arguments: args } as DebugProtocol.Request);
    return answer;
  }

  /** @throws {Error} the adapter refused. */
  async request<T extends Body = Body>(command: string, args: object = {}): Promise<T> {
    const { success, message, body } = await this.ask(command, args);
    if (!success) throw new Error(message);
    return (body ?? {}) as T;
  }

  /** Why the adapter refuses. */
  async refusal(command: string, args: object = {}): Promise<string> {
    const { success, message } = await this.ask(command, args);
    if (success) throw new Error(`${command} was not refused`);
    return message ?? "";
  }

  /** Launches the program; it stops on entry unless told otherwise. */
  async launch(args: object = {}, prepare?: () => Promise<unknown>): Promise<DebugProtocol.Event> {
    await this.request("initialize", { adapterID: "writewatch-sim", pathFormat: "path" });
    await this.request("launch", { program: PROGRAM, stopOnEntry: true, ...args });
    await prepare?.();
    await this.request("configurationDone");
    return this.ended();
  }

  /** The next event that ends a run. */
  async ended(): Promise<DebugProtocol.Event> {
    for (;;) {
      const event = this.events.slice(this.seen).find(({ event: name }) => ENDS_A_RUN.includes(name));
      if (event) {
        this.seen = this.events.indexOf(event) + 1;
        return event;
      }
      await new Promise<void>(resolve => this.waiting.push(resolve));
    }
  }

  /** Lets the program run by a request, and waits for the end of that. */
  async run(command: string, args: object = { threadId: 1 }): Promise<DebugProtocol.Event["body"]> {
    await this.request(command, args);
    return (await this.ended()).body;
  }

  /** "main:12", the frames of a thread, innermost first. */
  async stack(threadId = 1): Promise<string[]> {
    const { stackFrames } = await this.request<{ stackFrames: DebugProtocol.StackFrame[] }>("stackTrace", { threadId });
    return stackFrames.map(({ name, line }) => `${name}:${line}`);
  }

  /** The innermost frame, or one further out. */
  async frame(level = 0): Promise<number> {
    const body = await this.request<{ stackFrames: DebugProtocol.StackFrame[] }>("stackTrace", { threadId: 1 });
    return body.stackFrames[level]?.id ?? 0;
  }

  /** The scope's variables as "name = value". */
  async variables(scope: string, level = 0): Promise<string[]> {
    const { scopes } = await this.request<{ scopes: DebugProtocol.Scope[] }>("scopes", {
      frameId: await this.frame(level),
    });
    const variablesReference = scopes.find(({ name }) => name === scope)?.variablesReference ?? 0;
    const { variables } = await this.request<{ variables: DebugProtocol.Variable[] }>("variables", {
      variablesReference,
    });
    return variables.map(({ name, value }) => `${name} = ${value}`);
  }

  async evaluate(expression: string, context = "repl", level = 0): Promise<string> {
    const args = { expression, context, frameId: await this.frame(level) };
    return (await this.request<{ result: string }>("evaluate", args)).result;
  }

  /** What the program has printed. */
  output(category = "stdout"): string {
    return this.events
      .filter(({ event, body }) => event === "output" && body.category === category)
      .map(({ body }) => body.output)
      .join("");
  }

  dispose(): void {
    this.session.dispose();
  }

  private receive(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === "response") {
      const response = message as DebugProtocol.Response;
      this.transcript.push(`${response.command}: ${response.success ? "done" : `refused: ${response.message}`}`);
      this.answers.get(response.request_seq)?.(response);
      return;
    }
    const event = message as DebugProtocol.Event;
    this.events.push(event);
    const { reason, exitCode, output } = event.body ?? {};
    const detail = reason ?? exitCode ?? output?.trim();
    this.transcript.push(`    ${event.event}${detail === undefined ? "" : ` (${detail})`}`);
    for (const resume of this.waiting.splice(0)) resume();
  }
}

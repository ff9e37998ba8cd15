// A DAP client over a debug adapter's standard streams: what VS Code is to an adapter, for a program with no window.
import { type ChildProcess, spawn } from "node:child_process";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type Message, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { type AdapterPort, DapError, type Disposable } from "../session/adapter-port.ts";
import { Emitter } from "../session/emitter.ts";

export interface AdapterCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Milliseconds to wait for the last words of an adapter that has ended. */
const LAST_WORDS = 200;

/** Characters of the adapter's standard error that are kept. */
const MOST_COMPLAINT = 2000;

interface Pending {
  readonly command: string;
  resolve(body: unknown): void;
  reject(error: Error): void;
}

/**
 * One adapter's process and the conversation with it. Requests that are pending when it ends, and all later ones, reject with
 * how it ended and the last it wrote to its standard error.
 */
export class DapClient implements AdapterPort {
  readonly debugType: string;
  /** Settles when the adapter's process has ended, with a sentence on how. */
  readonly gone: Promise<string>;
  /** All messages, in order; what the adapter says is told here before anyone acts on it. */
  readonly onToAdapter = new Emitter<DebugProtocol.ProtocolMessage>();
  readonly onFromAdapter = new Emitter<DebugProtocol.ProtocolMessage>();

  private readonly child: ChildProcess;
  private readonly writer: StreamMessageWriter;
  private readonly events = new Emitter<DebugProtocol.Event>();
  private readonly pending = new Map<number, Pending>();
  private sequence = 0;
  private epitaph: string | undefined;
  /** Its PID may be another's from now on. */
  private exited = false;

  /** Starts the adapter in a process group of its own, so that nothing it started outlives {@link dispose}. */
  constructor(debugType: string, { command, args, env }: AdapterCommand) {
    this.debugType = debugType;
    this.child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], detached: true, env: env ?? process.env });
    const { stdin, stdout, stderr } = this.child;
    if (!stdin || !stdout || !stderr) throw new Error(`${command} has no standard streams`);
    let complaint = "";
    stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-MOST_COMPLAINT);
    });
    stdin.on("error", () => {});
    // DAP frames its messages as the Language Server Protocol does.
    this.writer = new StreamMessageWriter(stdin);
    new StreamMessageReader(stdout).listen(message =>
      this.receive(message as unknown as DebugProtocol.ProtocolMessage),
    );
    this.gone = new Promise(resolve => {
      const end = (how: string): void => {
        this.epitaph = complaint.trim() ? `${how}: ${complaint.trim()}` : how;
        for (const { command, reject } of this.pending.values()) reject(new DapError(command, this.epitaph));
        this.pending.clear();
        resolve(this.epitaph);
      };
      this.child.once("error", error => end(`${command} could not be started: ${error.message}`));
      this.child.once("exit", (code, signal) => {
        this.killGroup();
        this.exited = true;
        const how = `the debug adapter ended (${signal ? `signal ${signal}` : `exit code ${code}`})`;
        // Its last messages and its complaint are in the pipes yet; a debuggee that outlives it may hold them open.
        const timer = setTimeout(() => end(how), LAST_WORDS);
        this.child.once("close", () => {
          clearTimeout(timer);
          end(how);
        });
      });
    });
  }

  /** The adapter's process; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  request(command: string, args?: object): Promise<unknown> {
    if (this.epitaph) return Promise.reject(new DapError(command, this.epitaph));
    return new Promise((resolve, reject) => {
      const seq = this.send({ type: "request", command, ...(args ? { arguments: args } : {}) });
      this.pending.set(seq, { command, resolve, reject });
    });
  }

  onEvent(listener: (event: DebugProtocol.Event) => void): Disposable {
    return this.events.listen(listener);
  }

  /** The first event that comes from now on and passes the test; rejects when the adapter ends before. */
  nextEvent(test: (event: DebugProtocol.Event) => boolean): Promise<DebugProtocol.Event> {
    return new Promise((resolve, reject) => {
      const subscription = this.onEvent(event => {
        if (!test(event)) return;
        subscription.dispose();
        resolve(event);
      });
      void this.gone.then(how => {
        subscription.dispose();
        reject(new Error(how));
      });
    });
  }

  /** Ends the adapter and all it started. */
  dispose(): void {
    if (!this.exited) this.killGroup();
  }

  private killGroup(): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // Already gone.
    }
  }

  private send(message: object): number {
    this.sequence += 1;
    const framed = { seq: this.sequence, ...message } as DebugProtocol.ProtocolMessage;
    this.onToAdapter.fire(framed);
    this.writer.write(framed as unknown as Message).catch(() => {});
    return this.sequence;
  }

  private receive(message: DebugProtocol.ProtocolMessage): void {
    this.onFromAdapter.fire(message);
    if (message.type === "event") {
      this.events.fire(message as DebugProtocol.Event);
    } else if (message.type === "response") {
      const { request_seq, success, body, message: text } = message as DebugProtocol.Response;
      const pending = this.pending.get(request_seq);
      this.pending.delete(request_seq);
      if (success) pending?.resolve(body ?? {});
      else pending?.reject(new DapError(pending.command, body?.error?.format ?? text ?? "no reason given"));
    } else {
      const { seq, command } = message as DebugProtocol.Request;
      // There is no terminal to run anything in, and no second session to start.
      this.send({ type: "response", request_seq: seq, command, success: false, message: "not supported" });
    }
  }
}

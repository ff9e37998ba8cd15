// A debug adapter in a process of its own, over its standard streams.
import { type ChildProcess, spawn } from "node:child_process";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type Message, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import type { AdapterCommand } from "../debuggers/launcher.ts";
import type { AdapterLink } from "./adapter-link.ts";

/** Milliseconds to wait for the last words of an adapter that has ended. */
const LAST_WORDS = 200;

/** Characters of the adapter's standard error that are kept. */
const MOST_COMPLAINT = 2000;

export class AdapterProcess implements AdapterLink {
  readonly gone: Promise<string>;
  private readonly child: ChildProcess;
  private readonly reader: StreamMessageReader;
  private readonly writer: StreamMessageWriter;
  /** Its PID may be another's from now on. */
  private exited = false;

  /** Starts the adapter in a process group of its own, so that nothing it started outlives {@link dispose}. */
  constructor({ command, args, env }: AdapterCommand) {
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
    this.reader = new StreamMessageReader(stdout);
    this.gone = new Promise(resolve => {
      const end = (how: string): void => resolve(complaint.trim() ? `${how}: ${complaint.trim()}` : how);
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

  get pid(): number | undefined {
    return this.child.pid;
  }

  listen(listener: (message: DebugProtocol.ProtocolMessage) => void): void {
    this.reader.listen(message => listener(message as unknown as DebugProtocol.ProtocolMessage));
  }

  send(message: DebugProtocol.ProtocolMessage): void {
    this.writer.write(message as unknown as Message).catch(() => {});
  }

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
}

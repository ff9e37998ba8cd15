// For tests: whole conversations with an adapter that CI does not have, written down once from the real one and replayed from then on.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterLink } from "../../src/trace/adapter-link.ts";

type Message = DebugProtocol.ProtocolMessage;

/** A line of a file: a message, and who said it. */
interface Line {
  readonly to?: Message;
  readonly from?: Message;
}

/** What stands in the file for the folder of the program, which is another each time. */
export const FOLDER = "/p";

/** @param name of the debugger's folder, and of the file in it. */
export function conversationFile(debuggerName: string, name: string): URL {
  return new URL(`${debuggerName}/${name}.jsonl`, import.meta.url);
}

/** Passes on to a real adapter, and writes down all that is said. */
export class RecordedLink implements AdapterLink {
  readonly gone: Promise<string>;
  readonly pid: number | undefined;
  private readonly link: AdapterLink;
  private readonly lines: Line[] = [];

  constructor(link: AdapterLink) {
    this.link = link;
    this.gone = link.gone;
    this.pid = link.pid;
  }

  listen(listener: (message: Message) => void): void {
    this.link.listen(message => {
      this.lines.push({ from: message });
      listener(message);
    });
  }

  send(message: Message): void {
    this.lines.push({ to: message });
    this.link.send(message);
  }

  dispose(): void {
    this.link.dispose();
  }

  /** @param folder of the program, without a slash at its end. */
  write(file: URL, folder: string): void {
    const text = this.lines.map(line => JSON.stringify(line)).join("\n");
    writeFileSync(file, `${text.replaceAll(folder, FOLDER)}\n`);
  }
}

/** Says what the adapter said then, as long as it is asked what it was asked then. */
export class ReplayedLink implements AdapterLink {
  readonly pid = undefined;
  readonly gone: Promise<string>;
  private readonly lines: Line[];
  private listener: (message: Message) => void = () => {};
  private end: (how: string) => void = () => {};

  constructor(file: URL) {
    this.lines = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map(line => JSON.parse(line) as Line);
    this.gone = new Promise(resolve => {
      this.end = resolve;
    });
  }

  listen(listener: (message: Message) => void): void {
    this.listener = listener;
  }

  send(message: Message): void {
    const { to } = this.lines.shift() ?? {};
    try {
      assert.deepEqual(message, to, "What is sent differs from the conversation on file");
    } catch (error) {
      // Whoever waits for an answer is told why none comes.
      this.end(String(error));
      return;
    }
    setImmediate(() => this.tell());
  }

  dispose(): void {
    this.end("the conversation on file was ended");
  }

  /** The arguments of the first request of that name. */
  asked(command: string): Readonly<Record<string, unknown>> {
    const requests = this.lines.map(({ to }) => to as DebugProtocol.Request | undefined);
    return requests.find(request => request?.command === command)?.arguments ?? {};
  }

  /** How many messages to the adapter are left on file. */
  get left(): number {
    return this.lines.filter(({ to }) => to !== undefined).length;
  }

  /** One message after another, as they come from a process. */
  private tell(): void {
    if (!this.lines[0]?.from) return;
    const { from } = this.lines.shift() ?? {};
    if (from) this.listener(from);
    setImmediate(() => this.tell());
  }
}

// Launches a program under a debug adapter, and waits for what it does next.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { CallContext } from "../debuggers/debugger.ts";
import type { LaunchRequest } from "../debuggers/launcher.ts";
import type { Adapter } from "./adapters.ts";
import { DapClient } from "./dap-client.ts";

export type Happening =
  /** `signal`: what the debugger says of it, where one was the reason. */
  | { readonly kind: "stopped"; readonly threadId: number; readonly reason: string; readonly signal?: string }
  | { readonly kind: "ended"; readonly exitCode: number };

export class LaunchedProgram {
  readonly client: DapClient;
  private readonly adapter: Adapter;
  private readonly timeout: number;
  private readonly happenings: Happening[] = [];
  private waiting: ((happening: Happening) => void) | undefined;
  private forgetBreakpoint: (() => Promise<unknown>) | undefined;
  private exitCode: number | undefined;
  private pid: number | undefined;
  /** The signal that the last stop was for. */
  private lastSignal: string | undefined;

  /** @param timeout milliseconds that a stop may take to come. */
  constructor(adapter: Adapter, timeout: number) {
    this.adapter = adapter;
    this.timeout = timeout;
    this.client = new DapClient(adapter.debugType, adapter.connect());
    this.client.onEvent(event => this.observe(event));
  }

  /** Runs the program as far as `location`: a function's name or FILE:LINE; absent: where the adapter stops by itself. */
  async launch(request: LaunchRequest, location?: string): Promise<void> {
    const { client, adapter } = this;
    await client.request("initialize", {
      clientID: "writewatch",
      adapterID: adapter.debugType,
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: "path",
      supportsRunInTerminalRequest: false,
      supportsVariableType: true,
      supportsMemoryReferences: true,
    } satisfies DebugProtocol.InitializeRequestArguments);
    const initialized = client.nextEvent(({ event }) => event === "initialized");
    const launched = client.request("launch", adapter.launchArguments(request));
    // Some adapters answer the launch only after the configuration; a refusal must not wait for an event that never comes.
    await Promise.race([initialized, launched.then(() => initialized)]);
    if (location !== undefined) await this.setBreakpoint(location);
    await client.request("configurationDone");
    await launched;
    if (adapter.atFirstInstruction) await this.begin(adapter.atFirstInstruction);
  }

  /** Lets a program go that stands at its first instruction. */
  private async begin(prepare: (context: CallContext) => Promise<void>): Promise<void> {
    const entry = await this.next();
    if (entry.kind === "ended") throw new Error(`The program ended (exit code ${entry.exitCode}) before it began.`);
    await prepare({ port: this.client, threadId: entry.threadId });
    await this.client.request("continue", { threadId: entry.threadId });
  }

  async clearBreakpoints(): Promise<void> {
    await this.forgetBreakpoint?.();
  }

  /** Forgets stops that have come already: a debugger may stop and go on for a call that is run in the program. */
  forgetStops(): void {
    const ends = this.happenings.filter(({ kind }) => kind === "ended");
    this.happenings.splice(0, this.happenings.length, ...ends);
  }

  /** The next stop or end, in the order they came. @throws {Error} nothing comes in time, or the adapter ends. */
  async next(): Promise<Happening> {
    const ready = this.happenings.shift();
    if (ready) return ready;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        new Promise<Happening>(resolve => {
          this.waiting = resolve;
        }),
        this.client.gone.then((how): never => {
          throw new Error(how);
        }),
        new Promise<never>((_, reject) => {
          const seconds = this.timeout / 1000;
          timer = setTimeout(
            () => reject(new Error(`The program neither stopped nor ended for ${seconds} s (see --timeout).`)),
            this.timeout,
          );
        }),
      ]);
    } finally {
      clearTimeout(timer);
      this.waiting = undefined;
    }
  }

  /** Ends the debuggee and its debugger. */
  async dispose(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      this.client.request("disconnect", { terminateDebuggee: true }).catch(() => {}),
      new Promise(resolve => {
        timer = setTimeout(resolve, 1000);
      }),
    ]);
    clearTimeout(timer);
    this.client.dispose();
    // A process of the simulator's has a number that no process of this computer has.
    if (this.pid !== undefined && this.client.pid !== undefined && this.exitCode === undefined) {
      try {
        process.kill(this.pid, "SIGKILL");
      } catch {
        // Ended with its debugger.
      }
    }
  }

  private async setBreakpoint(location: string): Promise<void> {
    const [, file, line] = /^(.+):(\d+)$/.exec(location) ?? [];
    const set = (wanted: boolean): Promise<unknown> =>
      file && line
        ? this.client.request("setBreakpoints", {
            source: { path: file },
            breakpoints: wanted ? [{ line: Number(line) }] : [],
          })
        : this.client.request("setFunctionBreakpoints", { breakpoints: wanted ? [{ name: location }] : [] });
    this.forgetBreakpoint = () => set(false);
    const { breakpoints } = (await set(true)) as { breakpoints?: DebugProtocol.Breakpoint[] };
    const refused = breakpoints?.find(({ verified, message }) => !verified && message);
    if (refused) throw new Error(`The debugger can't break at ${location}: ${refused.message}`);
  }

  private observe(event: DebugProtocol.Event): void {
    this.exitCode = this.adapter.debugger.exitCode(event, this.lastSignal) ?? this.exitCode;
    switch (event.event) {
      case "process":
        this.pid = (event as DebugProtocol.ProcessEvent).body.systemProcessId;
        break;
      case "stopped": {
        const { threadId, reason, description, text } = (event as DebugProtocol.StoppedEvent).body;
        this.lastSignal = /\b(SIG[A-Z0-9]+)\b/.exec(description ?? "")?.[1];
        // cdt-gdb-adapter calls it a stop when a signal has ended the program.
        if (this.exitCode !== undefined) {
          this.happened({ kind: "ended", exitCode: this.exitCode });
          break;
        }
        const signal = this.lastSignal ? { signal: text || description || this.lastSignal } : {};
        this.happened({ kind: "stopped", threadId: threadId ?? 1, reason, ...signal });
        break;
      }
      case "terminated":
        this.happened({ kind: "ended", exitCode: this.exitCode ?? -1 });
        break;
    }
  }

  private happened(happening: Happening): void {
    if (this.waiting) this.waiting(happening);
    else this.happenings.push(happening);
  }
}

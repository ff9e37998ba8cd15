// Starts the agent and speaks with it; tells when it is gone.
import { type ChildProcess, fork } from "node:child_process";
import {
  type CancellationToken,
  ConnectionError,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
  ResponseError,
} from "vscode-jsonrpc/node";
import { KernelError } from "../kernel/kernel-error.ts";
import type { ArmOptions, ArmReport, Layout, ScanReport, Settlement } from "../tracker/reports.ts";
import type { Snapshot } from "../tracker/snapshot.ts";
import * as Protocol from "./protocol.ts";
import { KERNEL_ERROR } from "./service-codes.ts";
import { AgentGone, type CapabilityReport, type TrackerHandle, type TrackingAgent } from "./tracking.ts";

export class Agent implements TrackingAgent {
  /** Settles when the process has ended, with one sentence on how. */
  readonly gone: Promise<string>;
  private readonly child: ChildProcess;
  private readonly connection: MessageConnection;
  private nextTracker = 1;
  private epitaph: string | undefined;

  /**
   * Starts the agent.
   * @param modulePath the agent's main module.
   */
  constructor(modulePath: string) {
    this.child = fork(modulePath, [], {
      // Typed arrays cross as they are, not as JSON objects.
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: [],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
    });
    let complaint = "";
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    this.gone = new Promise(resolve => {
      const end = (how: string): void => {
        this.epitaph ??= how;
        this.connection.dispose();
        resolve(this.epitaph);
      };
      this.child.once("error", error => end(`the agent could not be started: ${error.message}`));
      this.child.once("exit", (code, signal) =>
        end(
          `the agent ended (${signal ? `signal ${signal}` : `exit code ${code}`})${complaint ? `: ${complaint.trim()}` : ""}`,
        ),
      );
    });
    this.connection = createMessageConnection(new IPCMessageReader(this.child), new IPCMessageWriter(this.child));
    // A write that fails because the process is gone is told by its exit.
    this.connection.onError(() => {});
    this.connection.listen();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  tracker(): RemoteTracker {
    const ref = { tracker: this.nextTracker };
    this.nextTracker += 1;
    return new RemoteTracker(this, ref);
  }

  snapshot(pid: number): Promise<Snapshot> {
    return this.send(Protocol.SnapshotRequest.method, { pid });
  }

  capabilities(): Promise<CapabilityReport> {
    return this.send(Protocol.CapabilitiesRequest.method, undefined);
  }

  /**
   * Sends a request; for {@link RemoteTracker}.
   * @throws {KernelError} the kernel's refusal; {AgentGone} the process ended before it answered.
   */
  async send<R>(method: string, params: unknown, token?: CancellationToken): Promise<R> {
    if (this.epitaph) throw new AgentGone(this.epitaph);
    try {
      return await Promise.race([
        token ? this.connection.sendRequest<R>(method, params, token) : this.connection.sendRequest<R>(method, params),
        this.gone.then((how): never => {
          throw new AgentGone(how);
        }),
      ]);
    } catch (error) {
      if (error instanceof ResponseError && error.code === KERNEL_ERROR) {
        const { call, target, errno, remedy } = error.data as Protocol.KernelErrorData;
        throw new KernelError(call, target, errno, remedy);
      }
      if (this.epitaph || error instanceof ConnectionError) throw new AgentGone(await this.gone);
      throw error;
    }
  }

  /** Ends the process; everything it had armed is disarmed by the kernel. */
  dispose(): void {
    this.child.kill("SIGKILL");
  }
}

export class RemoteTracker implements TrackerHandle {
  private readonly agent: Agent;
  private readonly ref: Protocol.TrackerRef;

  constructor(agent: Agent, ref: Protocol.TrackerRef) {
    this.agent = agent;
    this.ref = ref;
  }

  async attach(pid: number, descriptor: number, options: ArmOptions): Promise<void> {
    const params: Protocol.AttachParams = { ...this.ref, pid, descriptor, options };
    await this.agent.send(Protocol.AttachRequest.method, params);
  }

  arm(token?: CancellationToken): Promise<ArmReport & { layout: Layout }> {
    return this.agent.send(Protocol.ArmRequest.method, this.ref, token);
  }

  async scan(): Promise<ScanReport> {
    return Protocol.scanFromWire(await this.agent.send(Protocol.ScanRequest.method, this.ref));
  }

  async settle(resident: boolean): Promise<Settlement> {
    const params: Protocol.SettleParams = { ...this.ref, resident };
    return Protocol.settlementFromWire(await this.agent.send(Protocol.SettleRequest.method, params));
  }

  async disarm(): Promise<void> {
    await this.agent.send(Protocol.DisarmRequest.method, this.ref);
  }
}

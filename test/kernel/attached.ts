// A session over a live process that no debugger holds: our adapter, and all that stands behind it.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { AttachSession } from "../../src/attach/session.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { ATTACHED } from "../../src/debuggers/attached/debugger.ts";
import type { Step } from "../../src/recording/step.ts";
import { type DrivenMotion, Driver } from "../../src/session/driver.ts";
import { TrackedSession } from "../../src/session/tracked-session.ts";
import { DapClient } from "../../src/trace/dap-client.ts";
import { InlineAdapter } from "../../src/trace/inline-adapter.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { agentModule } from "./tracked.ts";

export class Attached {
  readonly client: DapClient;
  readonly session: TrackedSession;
  private readonly keeper = new AgentKeeper(agentModule, NO_LOG);
  private readonly driver: Driver;

  private constructor() {
    this.client = new DapClient(ATTACHED, new InlineAdapter(new AttachSession(() => this.keeper.holder())));
    this.session = new TrackedSession("attached", "attached", this.client, {
      agent: () => this.keeper,
      settings: () => ({ arm: DEFAULT_ARM_OPTIONS, autoArm: false, resident: false }),
    });
    this.driver = new Driver(this.session, this.client);
    this.client.onToAdapter.listen(message => this.session.toAdapter(message));
    this.client.onFromAdapter.listen(message => this.session.fromAdapter(message));
  }

  /** Attaches, and waits until the process stands. @throws {DapError} it can't be attached to. */
  static async to(pid: number, timeSlice: number): Promise<Attached> {
    const attached = new Attached();
    try {
      await attached.client.request("initialize", { adapterID: ATTACHED, pathFormat: "path" });
      const stopped = attached.stop();
      await attached.client.request("attach", { request: "attach", pid, timeSlice });
      await attached.client.request("configurationDone");
      await stopped;
      return attached;
    } catch (error) {
      await attached.end();
      throw error;
    }
  }

  stop(): Promise<DebugProtocol.Event> {
    return this.client.nextEvent(({ event }) => event === "stopped");
  }

  /** Lets it run for a slice. @returns what was told of it. */
  async step(motion: DrivenMotion = "next"): Promise<Step> {
    const stopped = this.stop();
    await this.driver.letGo(motion, this.session.thread ?? 1);
    if (motion === "continue") await this.client.request("pause", { threadId: 1 });
    await stopped;
    const step = await this.driver.stepOfThisHalt();
    if (!step) throw new Error("The program has run another one in its place.");
    return step;
  }

  async end(): Promise<void> {
    await this.client.request("disconnect").catch(() => {});
    this.client.dispose();
    this.keeper.dispose();
  }
}

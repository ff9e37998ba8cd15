// For tests: a target of either kernel armed by an agent, and its steps as the pages of chosen memory.
import { fileURLToPath } from "node:url";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { LocalAgent } from "../../src/agent/local.ts";
import type { TrackerHandle, TrackingAgent } from "../../src/agent/tracking.ts";
import { NO_LOG } from "../../src/common/log.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import { Machine } from "../../src/kernel/simulated/machine.ts";
import { type KernelProfile, LINUX_6_12, LINUX_6_18 } from "../../src/kernel/simulated/profile.ts";
import { simulatedKernel, simulatedSoftDirty } from "../../src/kernel/simulated/simulated-kernel.ts";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import type { PageSet } from "../../src/memory/page-set.ts";
import { machineOf } from "../../src/simulation/machines.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import type { ArmOptions, ArmReport, Settlement } from "../../src/tracker/reports.ts";
import { SimulatedTarget } from "./simulated-target.ts";
import { type Commanded, Target } from "./target.ts";

export const agentModule = fileURLToPath(new URL("../../src/agent/main.ts", import.meta.url));

export interface TargetStep {
  readonly written: PageSet;
  readonly settlement: Settlement;
}

export const KERNELS = ["live", "simulated"] as const;
export type KernelName = (typeof KERNELS)[number];

/** @typeParam A the agent that serves it: a process of its own for the live kernel, one in this process for the simulated. */
export class TrackedTarget<A extends TrackingAgent = TrackingAgent, T extends Commanded = Commanded> {
  readonly target: T;
  readonly agent: A;
  readonly tracker: TrackerHandle;
  armed: ArmReport | undefined;
  private readonly startAnother: () => T;
  private readonly dispose: () => void;

  private constructor(start: () => T, agent: A, dispose: () => void) {
    this.target = start();
    this.startAnother = start;
    this.agent = agent;
    this.tracker = agent.tracker();
    this.dispose = dispose;
  }

  static on(kernel: KernelName | "soft-dirty"): TrackedTarget {
    if (kernel === "soft-dirty") return TrackedTarget.simulated(LINUX_6_12, simulatedSoftDirty(machineOf));
    return kernel === "live" ? TrackedTarget.start() : TrackedTarget.simulated(LINUX_6_18, simulatedKernel(machineOf));
  }

  /** On the live kernel. */
  static start(): TrackedTarget<AgentKeeper, Target> {
    const agent = new AgentKeeper(agentModule, NO_LOG);
    return new TrackedTarget(Target.start, agent, () => agent.dispose());
  }

  private static simulated(profile: KernelProfile, kernel: Kernel): TrackedTarget {
    const machine = new Machine(profile);
    return new TrackedTarget(
      () => SimulatedTarget.start(machine),
      new LocalAgent(() => kernel),
      () => {},
    );
  }

  /** A second process, served by the same agent; it ends with its own `close`, the agent with the first one's. */
  another(): TrackedTarget {
    return new TrackedTarget<TrackingAgent>(this.startAnother, this.agent, () => {});
  }

  async arm(options: ArmOptions = DEFAULT_ARM_OPTIONS): Promise<void> {
    const { target, tracker } = this;
    const descriptor = await target.do("userfaultfd");
    await tracker.attach(target.pid, descriptor, options);
    await target.do("close", descriptor);
    this.armed = await tracker.arm();
    // The answers' way through the target's standard output is not what a test asks about.
    await this.step();
  }

  /** What was written since the last step. */
  async step(): Promise<TargetStep> {
    const report = await this.tracker.scan();
    const settlement = await this.tracker.settle(false);
    const written = report.written.union(settlement.late);
    return { written: written.subtract(settlement.discarded), settlement };
  }

  /** Numbers of the pages written in [address, address + bytes), counted from the first page there. */
  async writtenIn(address: number, bytes: number): Promise<number[]> {
    const { written } = await this.step();
    const first = pageOf(address);
    const pages = written.clip(first, first + Math.ceil(bytes / PAGE_SIZE));
    return [...pages.pairs()].flatMap(([start, end]) =>
      Array.from({ length: end - start }, (_, i) => start + i - first),
    );
  }

  close(): void {
    this.target.kill();
    this.dispose();
  }
}

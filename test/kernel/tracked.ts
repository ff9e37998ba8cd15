// For tests: a live target armed by an agent, and its steps as the pages of chosen memory.
import { fileURLToPath } from "node:url";
import { Agent, type RemoteTracker } from "../../src/agent/client.ts";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import type { ArmOptions, ArmReport, Settlement } from "../../src/tracker/reports.ts";
import { Target } from "./target.ts";

export const agentModule = fileURLToPath(new URL("../../src/agent/main.ts", import.meta.url));

export interface TargetStep {
  readonly written: PageSet;
  readonly settlement: Settlement;
}

export class TrackedTarget {
  readonly target: Target;
  readonly agent: Agent;
  readonly tracker: RemoteTracker;
  armed: ArmReport | undefined;

  private constructor(target: Target, agent: Agent) {
    this.target = target;
    this.agent = agent;
    this.tracker = agent.tracker();
  }

  /** @param agent one that serves others, too; absent: one of its own. */
  static start(agent = new Agent(agentModule)): TrackedTarget {
    return new TrackedTarget(Target.start(), agent);
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
    const written = new PageSet(report.written).union(new PageSet(settlement.late));
    return { written: written.subtract(new PageSet(settlement.discarded)), settlement };
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
    this.agent.dispose();
  }
}

// Keeps one agent: started when first needed, and started anew after it has died.
import { Agent } from "./client.ts";
import { whatIsMissing } from "./tracking.ts";

export class AgentKeeper {
  private readonly modulePath: string;
  private current: Agent | undefined;
  private asked: Promise<string | undefined> | undefined;

  /** @param modulePath the agent's main module. */
  constructor(modulePath: string) {
    this.modulePath = modulePath;
  }

  /** A living agent. */
  agent(): Agent {
    if (this.current) return this.current;
    const agent = new Agent(this.modulePath);
    this.current = agent;
    void agent.gone.then(() => {
      if (this.current === agent) this.current = undefined;
    });
    return agent;
  }

  /** What stands in the way of watching native programs here, and the remedy; undefined where nothing does. Asked once. */
  missing(): Promise<string | undefined> {
    this.asked ??= this.ask();
    return this.asked;
  }

  /** Settles when the agent of that process is known to be gone. */
  async goneOf(pid: number): Promise<void> {
    if (this.current?.pid === pid) await this.current.gone;
  }

  /** The agent's process, where one runs. */
  get pid(): number | undefined {
    return this.current?.pid;
  }

  /** Where none works yet, one for the question alone: nobody may ever want it. */
  private async ask(): Promise<string | undefined> {
    const agent = this.current ?? new Agent(this.modulePath);
    try {
      return whatIsMissing(await agent.capabilities());
    } catch (error) {
      return `Native programs can't be watched here: ${error instanceof Error ? error.message : error}.`;
    } finally {
      if (agent !== this.current) agent.dispose();
    }
  }

  dispose(): void {
    this.current?.dispose();
  }
}

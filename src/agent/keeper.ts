// Keeps one agent: started when first needed, and started anew after it has died.
import { Agent } from "./client.ts";

export class AgentKeeper {
  private readonly modulePath: string;
  private current: Agent | undefined;

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

  /** Settles when the agent of that process is known to be gone. */
  async goneOf(pid: number): Promise<void> {
    if (this.current?.pid === pid) await this.current.gone;
  }

  /** The agent's process, where one runs. */
  get pid(): number | undefined {
    return this.current?.pid;
  }

  dispose(): void {
    this.current?.dispose();
  }
}

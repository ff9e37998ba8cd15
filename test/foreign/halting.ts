// Halts a program at random moments, also at those where lldb 19 would lose the request or itself.
import type { DapClient } from "../../src/trace/dap-client.ts";
import { isLldb, lldbCommand } from "../lldb-command.ts";

export class Halting {
  private readonly client: DapClient;
  private readonly isLldb: boolean;
  /** Settled when lldb has told that the program runs. */
  private running: Promise<unknown> = Promise.resolve();

  constructor(client: DapClient) {
    this.client = client;
    this.isLldb = isLldb(client.debugType);
  }

  /**
   * Must be called before the program is let go. lldb answers that request before it takes the program for running: a pause in
   * between is answered, and nothing else comes of it.
   */
  willRun(): void {
    if (this.isLldb) this.running = this.client.nextEvent(({ event }) => event === "continued");
  }

  /** Pauses a program that does not stop by itself. */
  async pause(): Promise<void> {
    await this.running;
    const { threads } = (await this.client.request("threads")) as { threads: readonly { id: number }[] };
    await this.client.request("pause", { threadId: threads[0]?.id ?? 1 });
  }

  /**
   * Halts a program that may come to a stop by itself this very moment. Where a pause meets such a stop, lldb takes the stop for
   * its answer, waits for another for 20 seconds, and takes all threads for ended then; a signal can't be lost so.
   * @param thread the system's number of the one that steps.
   */
  async halt(thread: number): Promise<void> {
    if (this.isLldb) process.kill(thread, "SIGSTOP");
    else await this.pause();
  }

  /**
   * Forgets steps that were cut short. lldb takes them up again with the next `continue`, and a step of one instruction runs
   * its thread alone, which may wait for the others for ever.
   */
  async forgetSteps(): Promise<void> {
    if (!this.isLldb) return;
    for (const [, number] of (await lldbCommand(this.client, "thread list")).matchAll(/^\*? *thread #(\d+)/gm)) {
      await lldbCommand(this.client, `thread select ${number}`);
      await lldbCommand(this.client, "thread plan discard 1");
    }
  }
}

// Our own steps: lets a program go only when all is told of where it stands, and waits for the whole of what follows.
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import type { Step } from "../recording/step.ts";
import type { TrackedSession } from "./tracked-session.ts";

/** Requests that let a program go until it stops by itself. */
export type DrivenMotion = "next" | "stepIn" | "stepOut" | "continue";

export class Driver {
  private readonly session: TrackedSession;
  private readonly port: AdapterPort;

  constructor(session: TrackedSession, port: AdapterPort) {
    this.session = session;
    this.port = port;
  }

  /**
   * Lets the program go, after all that was written while it stood is booked to the debugger.
   * @throws {DapError} the debugger refused; the program stands where it stood.
   */
  async letGo(motion: DrivenMotion, threadId: number): Promise<void> {
    await this.session.bookToDebugger();
    await this.port.request(motion, { threadId });
  }

  /**
   * The step that ended at the present halt, whole.
   * @throws {Error} the armed memory is gone, with why.
   */
  async stepOfThisHalt(): Promise<Step> {
    await this.session.quiet();
    const { isArmed, recording, status } = this.session;
    const step = recording.steps.last;
    if (!isArmed || !step) throw new Error(status.message);
    return step;
  }
}

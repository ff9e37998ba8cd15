// Our own steps: lets a program go only when all is told of where it stands, and waits for the whole of what follows.
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import type { Step } from "../recording/step.ts";
import type { TrackedSession } from "./tracked-session.ts";

/** Requests that let a program go until it stops by itself. */
export type DrivenMotion = "next" | "stepIn" | "stepOut" | "continue";

export class Driver {
  private readonly session: TrackedSession;
  private readonly port: AdapterPort;
  /** Number of the last step before the program was let go. */
  private before = 0;

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
    this.before = this.session.recording.steps.last?.number ?? 0;
    await this.port.request(motion, { threadId });
  }

  /**
   * The step that ended at the present halt, whole; undefined where the program has run another one in its place, which is armed
   * by now, or will be at the next halt.
   * @throws {Error} the armed memory is gone, with why.
   */
  async stepOfThisHalt(): Promise<Step | undefined> {
    await this.session.quiet();
    const { isArmed, recording, status } = this.session;
    if (!isArmed && !this.session.isFollowing) throw new Error(status.message);
    const step = recording.steps.last;
    return step && step.number > this.before ? step : undefined;
  }
}

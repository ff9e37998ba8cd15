// Steps that a call of ours makes in the standing program: for the window and the phase it stands all the while.
import { HIDDEN_CONTINUED, HIDDEN_STOP, OUR_OWN } from "../debuggers/debugger.ts";

interface Message {
  type?: unknown;
  event?: unknown;
  arguments?: unknown;
  body?: unknown;
}

const [MARK] = Object.keys(OUR_OWN);

export class OwnSteps {
  /** One was asked for, and its stop has not come. */
  private isStepping = false;

  /** Whether a message to the adapter asks for one. */
  asks(message: unknown): boolean {
    const { type, arguments: args } = (message ?? {}) as Message;
    if (type !== "request" || MARK === undefined || typeof args !== "object" || args === null || !(MARK in args))
      return false;
    this.isStepping = true;
    return true;
  }

  /**
   * Hides what is told of one, in place: that the program goes on, and the stop that it ends with. A stop for another reason is
   * everybody's. @returns whether it was that.
   */
  hides(message: unknown): boolean {
    const { type, event, body } = (message ?? {}) as Message;
    if (!this.isStepping || type !== "event") return false;
    if (event === "continued") (message as Message).event = HIDDEN_CONTINUED;
    if (event !== "stopped") return event === "continued";
    this.isStepping = false;
    if ((body as { reason?: unknown } | undefined)?.reason !== "step") return false;
    (message as Message).event = HIDDEN_STOP;
    return true;
  }
}

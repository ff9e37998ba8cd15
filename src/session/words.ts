// How a session's state is told, one sentence for each: what is so, and what to do next.
import type { MemoryState, ProgramState } from "./status.ts";

export const HOW_TO_ARM = "Stop at a breakpoint and arm to see what each step writes.";

/**
 * @param trouble what went wrong last, without how to go on.
 * @param lacks why sessions under this debugger can't be armed at all, in sentences; undefined where they can.
 */
export function messageFor(
  program: Exclude<ProgramState, "ended"> | ProgramState,
  memory: MemoryState,
  trouble: string | undefined,
  lacks: string | undefined,
): string {
  switch (memory) {
    case "arming":
      return "Arming…";
    case "armed":
      return program === "stopped" ? "Stopped; armed." : "Running; armed.";
    case "lost":
      return `Lost: ${trouble ?? "the armed memory is gone."} Arm again at a stop.`;
    case "unarmed":
      if (trouble !== undefined) return `Not armed: ${trouble}`;
      if (lacks !== undefined) return lacks;
      return program === "stopped"
        ? "Stopped; not armed. Arm to see what each step writes."
        : "Not armed. Pause the program, or let it come to a breakpoint, and arm.";
  }
}

// How a session's state is told, one sentence for each: what is so, and what to do next.
import { t } from "../common/l10n.ts";
import type { MemoryState, ProgramState } from "./status.ts";

export const HOW_TO_ARM = t("Stop at a breakpoint and arm to see what each step writes.");

/** What is behind a state's sentence where writes are seen in another way than by write protection. */
export const BY_SOFT_DIRTY = t(
  "By soft-dirty bits, since the kernel has no asynchronous write protection, or it is not wanted: no write is lost, but where a mapping came, grew or was joined all its pages in memory count as written, and pages given back are not told.",
);

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
      return t("Arming…");
    case "armed":
      return program === "stopped" ? t("Stopped; armed.") : t("Running; armed.");
    case "lost":
      return t("Lost: {0} Arm again at a stop.", trouble ?? t("the armed memory is gone."));
    case "unarmed":
      if (trouble !== undefined) return t("Not armed: {0}", trouble);
      if (lacks !== undefined) return lacks;
      return program === "stopped"
        ? t("Stopped; not armed. Arm to see what each step writes.")
        : t("Not armed. Pause the program, or let it come to a breakpoint, and arm.");
  }
}

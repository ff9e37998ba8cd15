// Why a command can't do anything now, in a sentence with what to do instead: nothing is refused without words.
import { t } from "../common/l10n.ts";
import type { SessionStatus } from "../session/status.ts";

export type SessionCommand = "arm" | "disarm" | "scanNow" | "reset" | "exportSteps";

/**
 * @param status of the session that the command is about; undefined where there is none.
 * @returns undefined where nothing is known that stands in the way.
 */
export function refusalOf(command: SessionCommand, status: SessionStatus | undefined): string | undefined {
  if (!status) return t("There is no debug session. Start one, stop at a breakpoint, then arm.");
  if (!status.can.everArm && !status.can.reset) return status.message;
  const { arm, disarm, scan, reset, export: exports } = status.can;
  switch (command) {
    case "arm":
      if (arm) return undefined;
      if (status.memory === "armed") return t("The program's memory is armed already.");
      if (status.memory === "arming") return t("Arming is under way already.");
      if (status.program === "ended")
        return t("The program has ended. Start it again, stop at a breakpoint, then arm.");
      return t("The program is not stopped. Pause it, or let it come to a breakpoint, then arm.");
    case "disarm":
      return disarm ? undefined : t("Nothing is armed.");
    case "scanNow":
      if (scan) return undefined;
      return status.memory === "armed"
        ? t("The program is running. Pause it, or let it come to a breakpoint: each stop scans by itself.")
        : t("Nothing is armed, so there is nothing to scan. Stop at a breakpoint and arm first.");
    case "reset":
      return reset ? undefined : t("There are no steps to forget.");
    case "exportSteps":
      return exports ? undefined : t("There are no steps to export yet.");
  }
}

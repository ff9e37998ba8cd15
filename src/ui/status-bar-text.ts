// What the status bar says of a session, and what a click on it does.

import { counted } from "../common/counted.ts";
import { t } from "../common/l10n.ts";
import type { Step } from "../recording/step.ts";
import type { SessionStatus } from "../session/status.ts";

export interface StatusBarText {
  readonly text: string;
  readonly tooltip: string;
  /** For screen readers, to whom icons say nothing. */
  readonly label: string;
  readonly command: "writewatch.arm" | "writewatch.disarm" | "writewatch.showPanel";
}

/**
 * @param last the newest step.
 * @returns undefined where there is nothing to say: no session, one that is over, or one that can never be armed.
 */
export function statusBarText(status: SessionStatus | undefined, last: Step | undefined): StatusBarText | undefined {
  if (!status || status.program === "ended" || !status.can.everArm) return undefined;
  const { icon, words } = shown(status, last);
  const [command, click]: [StatusBarText["command"], string] =
    status.memory === "arming"
      ? ["writewatch.disarm", t("Click to cancel.")]
      : status.can.arm
        ? ["writewatch.arm", t("Click to arm.")]
        : ["writewatch.showPanel", t("Click to show the panel.")];
  return {
    text: `$(${icon}) ${words}`,
    tooltip: `WriteWatch: ${status.message} ${click}`,
    label: t("WriteWatch: {0}. {1}", words, status.message),
    command,
  };
}

function shown({ memory }: SessionStatus, last: Step | undefined): { readonly icon: string; readonly words: string } {
  switch (memory) {
    case "armed":
      if (!last) return { icon: "shield", words: t("Armed") };
      return {
        icon: "shield",
        words: t("{0} written", counted(last.written.pageCount - last.kernel.pageCount, "page")),
      };
    case "arming":
      return { icon: "sync~spin", words: t("Arming…") };
    case "lost":
      return { icon: "warning", words: t("WriteWatch lost") };
    case "unarmed":
      return { icon: "circle-slash", words: t("Not armed") };
  }
}

// What the status bar says of a session, and what a click on it does.

import { counted } from "../common/counted.ts";
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
  const click = status.memory === "arming" ? "cancel" : status.can.arm ? "arm" : "show the panel";
  const command = {
    cancel: "writewatch.disarm",
    arm: "writewatch.arm",
    "show the panel": "writewatch.showPanel",
  } as const;
  return {
    text: `$(${icon}) ${words}`,
    tooltip: `WriteWatch: ${status.message} Click to ${click}.`,
    label: `WriteWatch: ${words}. ${status.message}`,
    command: command[click],
  };
}

function shown({ memory }: SessionStatus, last: Step | undefined): { readonly icon: string; readonly words: string } {
  switch (memory) {
    case "armed":
      if (!last) return { icon: "shield", words: "Armed" };
      return { icon: "shield", words: `${counted(last.written.pageCount - last.kernel.pageCount, "page")} written` };
    case "arming":
      return { icon: "sync~spin", words: "Arming…" };
    case "lost":
      return { icon: "warning", words: "WriteWatch lost" };
    case "unarmed":
      return { icon: "circle-slash", words: "Not armed" };
  }
}

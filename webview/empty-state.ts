// What stands in the panel's place while there is nothing to show: how to begin.
import type { SessionView } from "../src/views/panel-messages.ts";
import { button } from "./controls.ts";
import { element } from "./elements.ts";

export function emptyState(session: SessionView | undefined, arm: () => void, scanProcess: () => void): HTMLElement {
  const root = element("div", { className: "empty", testId: "empty-state" });
  if (!session) {
    root.append(
      element("p", { text: "Which pages of memory does each line write?" }),
      element("p", {
        className: "dimmed",
        text: "Start a debug session of a native program, stop at a breakpoint, press Arm and step.",
      }),
      button({
        label: "Scan process…",
        title: "Look at any process's pages; arms and changes nothing",
        onClick: scanProcess,
      }),
    );
    return root;
  }
  const ready = session.phase === "stopped" || session.phase === "lost";
  root.append(
    element("p", { text: session.message }),
    element("p", {
      className: "dimmed",
      text: ready
        ? "Arming takes a few milliseconds; the program runs at its own speed afterwards."
        : "Set a breakpoint and wait for the program to stop there.",
    }),
  );
  if (ready)
    root.append(
      button({
        label: "Arm",
        title: "Arm the program's memory",
        testId: "arm-empty",
        appearance: "primary",
        onClick: arm,
      }),
    );
  return root;
}

// What stands in the panel's place while there is nothing to show: how to begin.
import type { SessionView } from "../src/ui/panel-messages.ts";
import { button } from "./controls.ts";
import { element } from "./elements.ts";

export interface EmptyStateActions {
  arm(): void;
  scanProcess(): void;
  openSimulatedProgram(): void;
}

/** @param missing why native programs can't be watched here; undefined where they can. */
export function emptyState(
  session: SessionView | undefined,
  missing: string | undefined,
  actions: EmptyStateActions,
): HTMLElement {
  const root = element("div", { className: "empty", testId: "empty-state" });
  if (!session) {
    root.append(...howToBegin(missing, actions));
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
        onClick: actions.arm,
      }),
    );
  return root;
}

function howToBegin(missing: string | undefined, actions: EmptyStateActions): HTMLElement[] {
  const simulated = button({
    label: "Open a simulated program…",
    title: "Open an example that runs in the simulator; F5 runs it",
    testId: "open-simulated",
    appearance: missing === undefined ? "secondary" : "primary",
    onClick: actions.openSimulatedProgram,
  });
  const question = element("p", { text: "Which pages of memory does each line write?" });
  if (missing !== undefined) {
    return [
      question,
      element("p", { className: "dimmed", text: missing, testId: "missing" }),
      element("p", {
        className: "dimmed",
        text: "Simulated programs run anywhere: open one, press F5, then Arm, and step.",
      }),
      simulated,
    ];
  }
  const scan = button({
    label: "Scan process…",
    title: "Look at any process's pages; arms and changes nothing",
    onClick: actions.scanProcess,
  });
  return [
    question,
    element("p", {
      className: "dimmed",
      text: "Start a debug session of a native program, stop at a breakpoint, press Arm and step.",
    }),
    element("div", { className: "choices" }, scan, simulated),
  ];
}

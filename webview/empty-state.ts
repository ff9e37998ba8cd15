// What stands in the panel's place while there is nothing to show: what to do in just this moment.
import { t } from "../src/common/l10n.ts";
import type { PanelCommand, PanelState, RecordingItem } from "../src/ui/protocol.ts";
import { type Button, button } from "./controls.ts";
import { element } from "./elements.ts";

/** Its words and buttons; made anew only when they change, so that a button keeps the focus. */
export class EmptyState {
  readonly root = element("div", { className: "empty", testId: "empty-state" });
  private readonly command: (command: PanelCommand) => void;
  private shown = "";

  constructor(command: (command: PanelCommand) => void) {
    this.command = command;
  }

  update({ missing }: PanelState, item: RecordingItem | undefined): void {
    const signature = JSON.stringify([missing, item?.status, item?.id]);
    if (signature === this.shown) return;
    this.shown = signature;
    const hadFocus = this.root.contains(document.activeElement);
    const isLive = item?.status !== undefined && item.status.program !== "ended";
    this.root.replaceChildren(...(isLive ? this.inSession(item) : this.withoutSession(missing)));
    if (hadFocus) this.root.querySelector<HTMLElement>("vscode-button")?.focus();
  }

  private inSession({ status }: RecordingItem): HTMLElement[] {
    if (!status) return [];
    const { can, message, isProblem, waitingFor } = status;
    const words = element("p", { text: message, testId: "phase", attributes: { role: "status" } });
    if (isProblem) words.className = "warning";
    const waiting = waitingFor ? [dimmed(t("Waiting for {0}.", waitingFor))] : [];
    // Nothing can be armed here, ever: no button promises otherwise.
    if (!can.everArm) return [words];
    if (can.arm) {
      return [
        words,
        ...waiting,
        ...(isProblem
          ? []
          : [dimmed(t("Arming takes a few milliseconds; the program runs at its own speed afterwards."))]),
        choices(
          this.button(
            "arm",
            t("Arm"),
            t("Write-protect the program's memory, so that each step's writes are told"),
            "arm",
            true,
          ),
        ),
      ];
    }
    const cancel = this.button("disarm", t("Cancel"), t("Give up arming; the program stays as it is"), "cancel");
    return [words, ...waiting, choices(...(can.disarm ? [cancel] : []), this.walkthrough())];
  }

  private withoutSession(missing: string | undefined): HTMLElement[] {
    const simulated = this.button(
      "openSimulatedProgram",
      t("Open a simulated program…"),
      t("Open an example that runs in the simulator; F5 runs it"),
      "open-simulated",
      missing !== undefined,
    );
    const recording = this.button(
      "openRecording",
      t("Open recording…"),
      t("Show steps or a process scan that were saved"),
      "open-recording",
    );
    const question = element("p", { className: "question", text: t("Which pages of memory does each line write?") });
    if (missing !== undefined) {
      const why = dimmed(missing);
      why.dataset.testid = "missing";
      return [
        question,
        why,
        dimmed(t("Simulated programs run anywhere: open one, press F5, then Arm, and step.")),
        choices(simulated, recording, this.walkthrough()),
      ];
    }
    return [
      question,
      dimmed(t("Start a debug session of a native program, stop at a breakpoint, press Arm and step.")),
      choices(
        this.button(
          "scanProcess",
          t("Scan process…"),
          t("Look at any process's pages; arms and changes nothing"),
          "scan-empty",
        ),
        simulated,
        recording,
        this.walkthrough(),
      ),
    ];
  }

  private walkthrough(): Button {
    return this.button("openWalkthrough", t("How it works"), t("Open the walkthrough"), "walkthrough");
  }

  private button(name: PanelCommand, label: string, title: string, testId: string, isPrimary = false): Button {
    const onClick = (): void => this.command(name);
    return button({ label, title, testId, appearance: isPrimary ? "primary" : "secondary", onClick });
  }
}

function dimmed(text: string): HTMLElement {
  return element("p", { className: "dimmed", text });
}

function choices(...buttons: Button[]): HTMLElement {
  return element("div", { className: "choices" }, ...buttons);
}

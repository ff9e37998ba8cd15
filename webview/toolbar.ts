// The row of buttons above the map, with the session's phase in words.
import type { PanelCommand, SessionView } from "../src/ui/panel-messages.ts";
import { type Button, button, dropdown } from "./controls.ts";
import { element } from "./elements.ts";

export interface ToolbarActions {
  command(command: PanelCommand): void;
  showSession(id: string): void;
  zoom(steps: number): void;
  jump(direction: 1 | -1): void;
  toggleWrittenOnly(): void;
}

export class Toolbar {
  readonly root = element("div", {
    className: "toolbar",
    attributes: { role: "toolbar", "aria-label": "Memory writes" },
  });
  private readonly phase = element("span", { className: "phase", testId: "phase", attributes: { role: "status" } });
  private readonly chooser;
  private readonly arm: Button;
  private readonly scanNow: Button;
  private readonly reset: Button;
  private readonly disarm: Button;
  private readonly exportSteps: Button;
  private readonly writtenOnly: Button;

  constructor(actions: ToolbarActions) {
    const command = (name: PanelCommand, label: string, title: string, testId: string): Button =>
      button({ label, title, testId, onClick: () => actions.command(name) });
    this.chooser = dropdown("Debug session", id => actions.showSession(id));
    this.arm = button({
      label: "Arm",
      title: "Write-protect the program's memory, so that each step's writes are told",
      testId: "arm",
      appearance: "primary",
      onClick: () => actions.command("arm"),
    });
    this.scanNow = command("scanNow", "Scan now", "Tell what was written since the last stop", "scan-now");
    this.reset = command("reset", "Reset", "Forget all steps; the memory stays armed", "reset");
    this.disarm = command("disarm", "Disarm", "Take the write protection off; the steps stay", "disarm");
    this.exportSteps = command("exportSteps", "Export…", "Export the steps as JSON Lines", "export");
    this.writtenOnly = button({
      label: "Written only",
      title: "Show only mappings that a step has written",
      testId: "written-only",
      appearance: "icon",
      onClick: () => actions.toggleWrittenOnly(),
    });
    const icon = (label: string, title: string, testId: string, onClick: () => void): Button =>
      button({ label, title, testId, appearance: "icon", onClick });
    this.root.append(
      this.chooser.element,
      this.arm,
      this.scanNow,
      this.reset,
      this.disarm,
      this.phase,
      this.writtenOnly,
      icon("‹", "Previous written page (P)", "previous", () => actions.jump(-1)),
      icon("›", "Next written page (N)", "next", () => actions.jump(1)),
      icon("−", "Zoom out (-)", "zoom-out", () => actions.zoom(-1)),
      icon("+", "Zoom in (+)", "zoom-in", () => actions.zoom(1)),
      this.exportSteps,
      command(
        "scanProcess",
        "Scan process…",
        "Show any process's pages by category; arms and changes nothing",
        "scan-process",
      ),
    );
  }

  update(sessions: readonly SessionView[], shown: SessionView | undefined, steps: number, writtenOnly: boolean): void {
    this.chooser.set(
      sessions.map(({ id, name, phase }) => ({ value: id, label: phase === "ended" ? `${name} (ended)` : name })),
      shown?.id,
    );
    this.chooser.element.hidden = sessions.length < 2;
    const stopped = shown?.phase === "stopped" || shown?.phase === "lost";
    this.arm.disabled = !stopped || shown.isArmed;
    this.scanNow.disabled = !stopped || !shown.isArmed;
    this.reset.disabled = steps === 0;
    this.disarm.disabled = !shown?.isArmed;
    this.exportSteps.disabled = steps === 0;
    this.writtenOnly.setAttribute("aria-pressed", String(writtenOnly));
    this.writtenOnly.classList.toggle("pressed", writtenOnly);
    this.phase.textContent = shown ? shown.message : "";
    this.phase.classList.toggle("warning", shown?.phase === "lost");
    this.phase.title = shown?.message ?? "";
  }
}

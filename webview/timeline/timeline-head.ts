// What stands beside the timeline: its buttons, and what the parts of its bars are.

import { counted } from "../../src/common/counted.ts";
import { t } from "../../src/common/l10n.ts";
import { type Button, button, setPressed, toggle } from "../controls.ts";
import { element } from "../elements.ts";
import { roving } from "../roving.ts";
import type { Event, State } from "../state.ts";
import type { Theme } from "../theme.ts";
import { fillPart } from "./patterns.ts";

const SWATCH = 9;

export class TimelineHead {
  readonly root = element("div", { className: "timeline-head" });
  private readonly buttons = element("div", {
    className: "buttons",
    attributes: { role: "toolbar", "aria-label": t("Timeline") },
  });
  private readonly legend = element("div", { className: "timeline-legend" });
  private readonly play: Button;
  private readonly bytes: Button;
  private readonly compare: Button;
  private readonly letGo: Button;
  private readonly updateRoving: () => void;
  private shown: readonly unknown[] = [];

  constructor(dispatch: (event: Event) => void) {
    this.play = toggle(
      {
        label: "▶",
        name: t("Play"),
        title: t("Shows step after step; within the brush where there is one (Space)"),
        testId: "play",
      },
      isPlaying => dispatch({ type: "played", isPlaying }),
    );
    this.bytes = toggle(
      {
        label: t("Bytes"),
        name: t("Bars by changed bytes"),
        title: t("Bars tell changed bytes instead of written pages"),
        testId: "by-bytes",
      },
      on => dispatch({ type: "measured", measure: on ? "bytes" : "pages" }),
    );
    const icon = (label: string, name: string, title: string, testId: string, onClick: () => void): Button =>
      button({ label, name, title, testId, appearance: "icon", onClick });
    const brush = icon(
      "⊢",
      t("Begin a brush"),
      t("Begins a brush at the chosen step (B); Shift and arrow keys, or Shift and dragging, draw it"),
      "brush",
      () => dispatch({ type: "brushBegun" }),
    );
    this.compare = toggle(
      {
        label: "≟",
        name: t("Compare"),
        title: t("What is brushed next is compared with the brush (C)"),
        testId: "compare",
      },
      isComparing => dispatch({ type: "compared", isComparing }),
    );
    this.letGo = icon("✕", t("Let the brush go"), t("Lets the brush go (Escape)"), "let-go", () =>
      dispatch({ type: "brushLetGo" }),
    );
    const zooms = [
      icon("−", t("Zoom out of the timeline"), t("More steps in view (-)"), "timeline-out", () =>
        dispatch({ type: "timelineZoomed", by: -1 }),
      ),
      icon("+", t("Zoom into the timeline"), t("Fewer steps in view (+)"), "timeline-in", () =>
        dispatch({ type: "timelineZoomed", by: 1 }),
      ),
    ];
    const all = [this.play, brush, this.compare, this.letGo, ...zooms, this.bytes];
    this.buttons.append(...all);
    this.root.append(this.buttons, this.legend);
    this.updateRoving = roving(this.buttons, () => all);
  }

  update({ timeline, slots }: State, theme: Theme): void {
    const { isPlaying, measure, brush, other, isComparing } = timeline;
    setPressed(this.play, isPlaying);
    setPressed(this.bytes, measure === "bytes");
    setPressed(this.compare, isComparing);
    this.compare.disabled = brush === undefined;
    this.letGo.disabled = brush === undefined && other === undefined;
    this.updateRoving();
    const reply = slots.timeline.shown?.reply;
    const inputs = [reply?.groups.join(), reply?.stepsPerBar, theme];
    if (inputs.every((input, i) => input === this.shown[i])) return;
    this.shown = inputs;
    const per =
      reply && reply.stepsPerBar > 1
        ? [element("span", { text: t("a bar is {0}", counted(reply.stepsPerBar, "step")) })]
        : [];
    this.legend.replaceChildren(
      ...(reply?.groups ?? []).map((name, part) =>
        element("span", { className: "legend-entry" }, swatch(theme, part), name),
      ),
      ...per,
    );
  }
}

function swatch(theme: Theme, part: number): HTMLElement {
  const canvas = element("canvas", { className: "swatch", attributes: { "aria-hidden": "true" } });
  canvas.width = SWATCH;
  canvas.height = SWATCH;
  const context = canvas.getContext("2d");
  if (context) fillPart(context, theme, part, 0, 0, SWATCH, SWATCH);
  return canvas;
}

// One row of the list of steps; it may come to show another step, as making rows is what takes time.

import { grouped } from "../../src/common/counted.ts";
import { t } from "../../src/common/l10n.ts";
import type { StepItem } from "../../src/ui/protocol.ts";
import { element, setText } from "../elements.ts";
import { DOUBTS, placeOf, spokenStep, whoRan } from "../words.ts";

export class StepRow {
  readonly root = element("div", { attributes: { role: "option", "aria-selected": "false" } });
  private readonly number = element("span", { className: "step-number" });
  private readonly file = element("span", { className: "step-file" });
  private readonly line = element("span");
  private readonly pages = element("span", { className: "step-pages" });
  private readonly who = element("span", { className: "step-who" });
  private readonly summary = element("span", { className: "step-summary" });
  private isSelected = false;
  private placed = "";
  private item: StepItem | undefined;

  constructor() {
    const place = element("span", { className: "step-place" }, this.file, this.line);
    this.root.append(this.number, place, this.pages, this.who, this.summary);
  }

  show(item: StepItem): void {
    const { number, pages, summary, changed, way, settled, kernelPages, debuggerPages } = item;
    const { root } = this;
    root.className = pages === 0 ? t("step quiet") : "step";
    root.id = `step-${number}`;
    root.dataset.testid = `step-${number}`;
    root.dataset.step = String(number);
    const others = [
      ...(kernelPages > 0 ? [t("kernel {0}", grouped(kernelPages))] : []),
      ...(debuggerPages > 0 ? [t("debugger {0}", grouped(debuggerPages))] : []),
    ];
    const place = `${placeOf(item.from)}${settled ? "" : " …"}`;
    // Where it is narrow the file is cut, not the line.
    const line = /:\d+\D*$/.exec(place)?.[0] ?? "";
    setText(this.number, grouped(number));
    setText(this.file, place.slice(0, place.length - line.length));
    setText(this.line, line);
    setText(this.pages, pagesOf(item));
    setText(this.who, whoRan(item));
    setText(this.summary, [way, changed, summary || "nothing written", ...others].filter(Boolean).join(" · "));
    this.item = item;
    root.title = "";
    if (this.isSelected) this.describe();
  }

  /** Its tooltip: all of it in words, which take longer to put together than the row itself. */
  describe(): void {
    if (!this.item || this.root.title !== "") return;
    this.root.title = [spokenStep(this.item), ...this.item.doubts.map(doubt => DOUBTS[doubt])].join("\n");
  }

  /** @param top pixels from the list's beginning. */
  place(position: number, top: number, total: number): void {
    const placed = `${position} ${total}`;
    if (placed === this.placed) return;
    this.placed = placed;
    this.root.style.top = `${top}px`;
    this.root.setAttribute("aria-posinset", String(position + 1));
    this.root.setAttribute("aria-setsize", String(total));
  }

  select(isSelected: boolean): void {
    if (isSelected === this.isSelected) return;
    this.isSelected = isSelected;
    this.root.setAttribute("aria-selected", String(isSelected));
    if (isSelected) this.describe();
  }
}

/** "12", and "12?" where some may not be the step's own; of none there is nothing to doubt. */
function pagesOf({ pages, doubts }: StepItem): string {
  return `${grouped(pages)}${pages > 0 && doubts.length > 0 ? "?" : ""}`;
}

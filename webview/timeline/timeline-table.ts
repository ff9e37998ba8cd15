// The timeline's bars as a table: what it shows, in words.
import { t } from "../../src/common/l10n.ts";
import { element } from "../elements.ts";
import type { State } from "../state.ts";
import { spanOf } from "./state.ts";
import { barWords } from "./words.ts";

export class TimelineTable {
  readonly root = element("div", {
    className: "table-scroller timeline-table",
    testId: "timeline-table",
    attributes: { tabindex: "0", role: "region", "aria-label": t("Table of the timeline") },
  });
  private readonly body = element("tbody");
  private shown: readonly unknown[] = [];

  constructor() {
    const titles = [t("Steps"), t("Written"), t("Where"), t("Threads"), t("Brushed")].map(text =>
      element("th", { text, attributes: { scope: "col" } }),
    );
    this.root.append(
      element(
        "table",
        {},
        element("caption", { className: "visually-hidden", text: t("Timeline") }),
        element("thead", {}, element("tr", {}, ...titles)),
        this.body,
      ),
    );
  }

  update({ timeline, slots, chosen }: State): void {
    const reply = slots.timeline.shown?.reply;
    const { brush, other, measure } = timeline;
    const inputs = [reply, brush, other, measure, chosen];
    if (!reply || inputs.every((input, i) => input === this.shown[i])) return;
    this.shown = inputs;
    const [here, there] = [brush && spanOf(brush), brush && other && spanOf(other)];
    const rows = Array.from(reply.firsts, (first, bar) => {
      const last = reply.lasts[bar];
      const isIn = (span: typeof here): boolean => span !== undefined && span.first <= last && first <= span.last;
      const { steps, whole, parts, threads } = barWords(reply, bar, measure);
      const isChosen = chosen !== undefined && first <= chosen && chosen <= last;
      const brushed = [...(isIn(here) ? [there ? "here" : "yes"] : []), ...(isIn(there) ? ["there"] : [])].join(", ");
      return element(
        "tr",
        {},
        element("th", { text: isChosen ? t("{0} (chosen)", steps) : steps, attributes: { scope: "row" } }),
        ...[whole, parts, threads, brushed].map(text => element("td", { text })),
      );
    });
    this.body.replaceChildren(...rows);
  }
}

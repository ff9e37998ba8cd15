// What the brushed steps wrote together: words, and ranges with the first and the last step that wrote each.

import { counted } from "../../src/common/counted.ts";
import { t } from "../../src/common/l10n.ts";
import { addressOf, formatAddress } from "../../src/memory/page.ts";
import { SIDE_WORDS } from "../../src/recording/code-words.ts";
import { type BrushDetails, type BrushRange, MOST_RANGES } from "../../src/ui/protocol.ts";
import { type Button, button } from "../controls.ts";
import { element } from "../elements.ts";
import { type RangeActions, rangeMenu } from "../inspector/range-menu.ts";
import { Listbox } from "../listbox.ts";
import type { State } from "../state.ts";

export interface BrushActions extends RangeActions {
  copy(text: string): void;
}

export class BrushView {
  readonly root = element("section", {
    className: "brush",
    testId: "brush-details",
    attributes: { "aria-label": t("Brushed steps") },
  });
  private readonly words = element("div");
  private readonly list: Listbox;
  private readonly more: Button;
  private ranges: readonly BrushRange[] = [];
  private shown: BrushDetails | undefined;

  constructor(actions: BrushActions) {
    const { dispatch, copy } = actions;
    const go = (index: number): void => {
      const { start, end } = this.ranges[index];
      dispatch({ type: "sought", target: { to: "page", page: start } });
      dispatch({ type: "picked", start: addressOf(start), end: addressOf(end) });
    };
    const choose = (step: number) => () => dispatch({ type: "chose", step, reveal: true });
    this.list = new Listbox({
      className: "ranges",
      testId: "brush-ranges",
      label: t(
        "Ranges that the brushed steps wrote; Enter shows one on the map, and its bytes before the first and after the last",
      ),
      clicked: go,
      entered: go,
      menu: index => {
        const range = this.ranges[index];
        return [
          { label: t("Show on the map and in the inspector"), run: () => go(index) },
          { label: t("Go to the last writer, step {0}", range.last), testId: "menu-last", run: choose(range.last) },
          { label: t("Go to the first writer, step {0}", range.first), testId: "menu-first", run: choose(range.first) },
          ...rangeMenu(range, actions),
          { label: t("Copy range"), run: () => copy(addresses(range)) },
        ];
      },
    });
    this.more = button({
      label: t("Show more"),
      title: t("Lists more of the ranges"),
      testId: "more-brushed",
      onClick: () => dispatch({ type: "moreRanges" }),
    });
    this.root.append(this.words, this.list.root, this.more);
  }

  update({ timeline, slots }: State): void {
    const reply = timeline.brush ? slots.brush.shown?.reply : undefined;
    this.root.hidden = !reply;
    if (!reply || reply === this.shown) return;
    this.shown = reply;
    const { title, facts, ranges, rangeCount } = reply;
    this.ranges = ranges;
    this.words.replaceChildren(
      element("h2", { className: "details-title", text: title }),
      ...facts.map(text => element("p", { className: "fact", text })),
    );
    this.list.show(ranges.length, index => rangeRow(ranges[index], index));
    this.list.root.hidden = ranges.length === 0;
    this.more.hidden = ranges.length >= Math.min(rangeCount, MOST_RANGES);
  }
}

function addresses({ start, end }: BrushRange): string {
  return `${formatAddress(start)}-${formatAddress(end)}`;
}

function rangeRow(range: BrushRange, index: number): HTMLElement {
  const { start, end, mapping, first, last, steps, side } = range;
  const who = steps === 1 ? t("step {0}", first) : t("{0}: first {1}, last {2}", counted(steps, "step"), first, last);
  return element(
    "div",
    { className: "range", attributes: { role: "option", id: `brushed-${index}`, "aria-selected": "false" } },
    element("span", { className: "address", text: addresses(range) }),
    element("span", { className: "range-pages", text: counted(end - start, "page") }),
    element("span", { text: mapping }),
    element("span", { className: "note", text: side ? `${SIDE_WORDS[side]}; ${who}` : who }),
  );
}

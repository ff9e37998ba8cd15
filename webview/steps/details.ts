// The chosen step in full: facts in sentences, and its ranges of pages, each a way to its place on the map.

import { counted } from "../../src/common/counted.ts";
import { t } from "../../src/common/l10n.ts";
import { addressOf, formatAddress } from "../../src/memory/page.ts";
import type { PageNoteKind } from "../../src/memory/page-note.ts";
import { type ChangeList, MOST_RANGES, type RangeItem, type StepDetails } from "../../src/ui/protocol.ts";
import { button } from "../controls.ts";
import { element } from "../elements.ts";
import { type RangeActions, rangeMenu } from "../inspector/range-menu.ts";
import { Listbox } from "../listbox.ts";
import type { MenuItem } from "../menu.ts";
import type { State } from "../state.ts";
import { wayBetween, whoRan } from "../words.ts";

const NOTES: Readonly<Record<PageNoteKind, string>> = {
  rseq: t("thread control block: the kernel itself writes here (rseq) when it schedules the thread"),
  "new mapping": t("in a mapping that came during this step: all its populated pages count"),
  "read or written": t("shared sparse memory: a page read can't be told from one written"),
};

export interface DetailsActions extends RangeActions {
  copy(text: string): void;
  /** What its menu offers for bytes [start, end): nothing where no program stands behind the recording. */
  rangeItems(start: number, end: number): readonly MenuItem[];
}

export class DetailsView {
  readonly root = element("section", {
    className: "details",
    testId: "step-details",
    attributes: { "aria-label": t("Chosen step"), tabindex: "0" },
  });
  private readonly facts = element("div");
  private readonly list: Listbox;
  private readonly rest = element("div");
  private ranges: readonly RangeItem[] = [];
  private readonly actions: DetailsActions;
  /** Pixels, as last told. */
  private scrolled = 0;
  private shown: StepDetails | null | undefined;

  /** @param inspector of what the step changed, which stands between its facts and its pages. */
  constructor(actions: DetailsActions, inspector: HTMLElement) {
    this.actions = actions;
    this.list = this.rangeList();
    this.root.append(this.facts, inspector, this.list.root, this.rest);
    this.root.addEventListener("scroll", () => {
      this.scrolled = this.root.scrollTop;
    });
  }

  update(state: State): void {
    const { slots, chosen } = state;
    const { shown } = slots.details;
    const details = chosen === undefined || shown?.query.step !== chosen ? undefined : shown.reply;
    if (chosen !== undefined && details === undefined && this.shown) return;
    if (details === this.shown) return;
    const isSameStep = this.shown?.number === details?.number;
    this.shown = details;
    // A place may be inspected before there is a step.
    this.root.hidden = details === undefined && chosen !== undefined;
    const { scrolled } = this;
    this.facts.replaceChildren(...factsOf(details));
    this.showPages(details);
    // To scroll is to lay out all that has just come: only where there is a way to go.
    if (scrolled > 0) this.root.scrollTop = isSameStep ? scrolled : 0;
  }

  private showPages(step: StepDetails | null | undefined): void {
    const { ranges = [], rangeCount = 0 } = step ?? {};
    this.ranges = ranges;
    this.list.root.hidden = ranges.length === 0;
    this.list.show(ranges.length, index => rangeRow(ranges[index], index));
    if (this.scrolled > 0) this.list.complete();
    const left = rangeCount - ranges.length;
    const changes = step?.changes ? changesLeft(step.changes) : 0;
    const more = [...(left > 0 ? [counted(left, "range")] : []), ...(changes > 0 ? [counted(changes, "change")] : [])];
    this.rest.replaceChildren(...(step && more.length > 0 ? [this.restOf(step, more.join(", "))] : []));
  }

  /** What is not listed: a button that lists more of it, until one answer holds no more. */
  private restOf({ ranges, changes }: StepDetails, rest: string): Node {
    if (Math.max(ranges.length, changes?.items.length ?? 0) >= MOST_RANGES)
      return element("p", { text: t("{0} more: see the map, or export the steps", rest) });
    return button({
      label: t("Show more ({0} left)", rest),
      title: t("Lists more of the step's ranges and changes"),
      testId: "more-ranges",
      onClick: () => this.actions.dispatch({ type: "moreRanges" }),
    });
  }

  private rangeList(): Listbox {
    const at = (index: number): RangeItem => this.ranges[index];
    const go = (index: number): void =>
      this.actions.dispatch({ type: "sought", target: { to: "page", page: at(index).start } });
    return new Listbox({
      className: "ranges",
      testId: "ranges",
      label: t("Ranges of pages; Enter shows one on the map"),
      clicked: go,
      entered: go,
      menu: index => [
        { label: t("Show on the map"), testId: "menu-show", run: () => go(index) },
        ...rangeMenu(at(index), this.actions),
        {
          label: t("Copy address"),
          testId: "menu-copy-address",
          run: () => this.actions.copy(formatAddress(at(index).start)),
        },
        { label: t("Copy range"), run: () => this.actions.copy(addresses(at(index))) },
        ...this.actions.rangeItems(addressOf(at(index).start), addressOf(at(index).end)),
      ],
    });
  }
}

function factsOf(step: StepDetails | null | undefined): Node[] {
  if (step === undefined) return [];
  if (step === null) return [element("p", { className: "dimmed", text: t("This step is not kept any more.") })];
  const who = whoRan(step);
  return [
    element("h2", { className: "details-title", text: t("Step {0}: {1}", step.number, wayBetween(step)) }),
    ...(who ? [element("p", { className: "fact", text: who })] : []),
    ...step.facts.map(text => element("p", { className: "fact", text })),
  ];
}

function changesLeft({ items, total, bookkeeping, bookkeepingTotal }: ChangeList): number {
  return total - items.length + bookkeepingTotal - bookkeeping.length;
}

function addresses({ start, end }: RangeItem): string {
  return `${formatAddress(start)}-${formatAddress(end)}`;
}

function rangeRow(range: RangeItem, index: number): HTMLElement {
  const { start, end, mapping, by, notes } = range;
  const whose = by === "program" ? [] : [by === "kernel" ? t("by the kernel") : t("by the debugger")];
  const row = element(
    "div",
    {
      className: `range by-${by}`,
      attributes: { role: "option", id: `range-${index}`, "aria-selected": "false" },
    },
    element("span", { className: "address", text: addresses(range) }),
    element("span", { className: "range-pages", text: counted(end - start, "page") }),
    element("span", { text: mapping || "[anon]" }),
    element("span", { className: "note", text: [...whose, ...notes].join(", ") }),
  );
  row.title = notes.map(note => NOTES[note]).join("; ");
  return row;
}

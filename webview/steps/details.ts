// The chosen step in full: facts in sentences, and its ranges of pages, each a way to its place on the map.

import { counted } from "../../src/common/counted.ts";
import { formatAddress } from "../../src/memory/page.ts";
import type { PageNoteKind } from "../../src/memory/page-note.ts";
import type { RangeItem, StepDetails } from "../../src/ui/protocol.ts";
import { button } from "../controls.ts";
import { element } from "../elements.ts";
import { openMenu } from "../menu.ts";
import type { Event, State } from "../state.ts";
import { wayBetween, whoRan } from "../words.ts";

const NOTES: Readonly<Record<PageNoteKind, string>> = {
  rseq: "thread control block: the kernel itself writes here (rseq) when it schedules the thread",
  "new mapping": "in a mapping that came during this step: all its populated pages count",
  "read or written": "shared sparse memory: a page read can't be told from one written",
};

export interface DetailsActions {
  dispatch(event: Event): void;
  copy(text: string): void;
}

export class DetailsView {
  readonly root = element("section", {
    className: "details",
    testId: "step-details",
    attributes: { "aria-label": "Chosen step", tabindex: "0" },
  });
  private readonly actions: DetailsActions;
  private shown: StepDetails | null | undefined;

  constructor(actions: DetailsActions) {
    this.actions = actions;
  }

  update({ slots, chosen }: State): void {
    const { shown } = slots.details;
    const details = chosen === undefined || shown?.query.step !== chosen ? undefined : shown.reply;
    if (chosen !== undefined && details === undefined && this.shown) return;
    if (details === this.shown) return;
    const isSameStep = this.shown?.number === details?.number;
    this.shown = details;
    this.root.hidden = details === undefined;
    const { scrollTop } = this.root;
    this.root.replaceChildren(...this.content(details));
    this.root.scrollTop = isSameStep ? scrollTop : 0;
  }

  private content(step: StepDetails | null | undefined): Node[] {
    if (step === undefined) return [];
    if (step === null) return [element("p", { className: "dimmed", text: "This step is not kept any more." })];
    const who = whoRan(step);
    const left = step.rangeCount - step.ranges.length;
    return [
      element("h2", { className: "details-title", text: `Step ${step.number}: ${wayBetween(step)}` }),
      ...(who ? [element("p", { className: "fact", text: who })] : []),
      ...step.facts.map(text => element("p", { className: "fact", text })),
      ...(step.ranges.length > 0 ? [this.rangeList(step.ranges)] : []),
      ...(left > 0
        ? [
            button({
              label: `Show more (${counted(left, "range")} left)`,
              title: "Lists more of the step's ranges",
              testId: "more-ranges",
              onClick: () => this.actions.dispatch({ type: "moreRanges" }),
            }),
          ]
        : []),
    ];
  }

  private rangeList(ranges: readonly RangeItem[]): HTMLElement {
    const list = element("div", {
      className: "ranges",
      testId: "ranges",
      attributes: { role: "listbox", tabindex: "0", "aria-label": "Ranges of pages; Enter shows one on the map" },
    });
    list.append(...ranges.map(rangeRow));
    let at = -1;
    const mark = (index: number): void => {
      list.children[at]?.setAttribute("aria-selected", "false");
      at = Math.max(0, Math.min(ranges.length - 1, index));
      const row = list.children[at];
      row.setAttribute("aria-selected", "true");
      row.scrollIntoView({ block: "nearest" });
      list.setAttribute("aria-activedescendant", row.id);
    };
    const go = (): void => this.actions.dispatch({ type: "sought", target: { to: "page", page: ranges[at].start } });
    list.addEventListener("focus", () => mark(Math.max(0, at)));
    list.addEventListener("click", ({ target }) => {
      const index = indexOf(list, target);
      if (index < 0) return;
      mark(index);
      go();
    });
    list.addEventListener("keydown", event => {
      const moves: Record<string, number> = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: ranges.length - 1 };
      if (event.key in moves) mark(moves[event.key]);
      else if (event.key === "Enter" && at >= 0) go();
      else return;
      event.preventDefault();
    });
    list.addEventListener("contextmenu", event => {
      event.preventDefault();
      const index = indexOf(list, event.target);
      if (index >= 0) mark(index);
      const range = ranges[at];
      if (!range) return;
      const box = list.children[at].getBoundingClientRect();
      const [x, y] = event.clientX || event.clientY ? [event.clientX, event.clientY] : [box.left, box.bottom];
      openMenu(x, y, [
        { label: "Show on the map", testId: "menu-show", run: go },
        {
          label: "Copy address",
          testId: "menu-copy-address",
          run: () => this.actions.copy(formatAddress(range.start)),
        },
        { label: "Copy range", run: () => this.actions.copy(addresses(range)) },
      ]);
    });
    return list;
  }
}

function indexOf(list: HTMLElement, target: EventTarget | null): number {
  const row = target instanceof Element ? target.closest(".range") : null;
  return row ? [...list.children].indexOf(row) : -1;
}

function addresses({ start, end }: RangeItem): string {
  return `${formatAddress(start)}-${formatAddress(end)}`;
}

function rangeRow(range: RangeItem, index: number): HTMLElement {
  const { start, end, mapping, by, notes } = range;
  const whose = by === "program" ? [] : [`by the ${by}`];
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

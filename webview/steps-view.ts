// The list of steps, and the details of the chosen one.

import { formatAddress } from "../src/memory/page.ts";
import { PageSet } from "../src/memory/page-set.ts";
import { splitByMapping } from "../src/memory/split.ts";
import type { SourceLocation } from "../src/recording/step.ts";
import type { MappingRow, StepView } from "../src/ui/panel-messages.ts";
import { element, plural } from "./elements.ts";

/** Ranges that the details list; the map shows them all. */
const MOST_RANGES = 200;
/** Items kept in the list; older steps are reached by export. */
const MOST_ITEMS = 500;

const NOTES = {
  rseq: "thread control block: the kernel itself writes here (rseq) when it schedules the thread",
  "new mapping": "in a mapping that came during this step: all its populated pages count",
  "read or written": "shared sparse memory: a page read can't be told from one written",
} as const;

export class StepsView {
  readonly list = element("div", {
    className: "steps",
    testId: "steps",
    attributes: { role: "listbox", tabindex: "0", "aria-label": "Steps" },
  });
  readonly details = element("div", { className: "details", testId: "step-details", attributes: { tabindex: "0" } });
  private readonly onSelect: (step: number) => void;
  private steps: StepView[] = [];
  private selected: number | undefined;

  constructor(onSelect: (step: number) => void) {
    this.onSelect = onSelect;
    this.list.addEventListener("keydown", event => this.onKey(event));
    this.list.addEventListener("click", ({ target }) => {
      const item = target instanceof Element ? target.closest<HTMLElement>("[data-step]") : null;
      if (item) this.onSelect(Number(item.dataset.step));
    });
  }

  replace(steps: readonly StepView[]): void {
    this.steps = [...steps];
    this.list.replaceChildren(...steps.slice(-MOST_ITEMS).map(stepItem));
  }

  add(step: StepView): void {
    this.steps.push(step);
    this.list.append(stepItem(step));
    if (this.list.childElementCount > MOST_ITEMS) this.list.firstElementChild?.remove();
  }

  select(number: number | undefined, rows: readonly MappingRow[]): void {
    this.selected = number;
    for (const item of this.list.children) {
      const isSelected = (item as HTMLElement).dataset.step === String(number);
      item.setAttribute("aria-selected", String(isSelected));
      if (!isSelected) continue;
      item.scrollIntoView({ block: "nearest" });
      this.list.setAttribute("aria-activedescendant", item.id);
    }
    const step = this.steps.find(candidate => candidate.number === number);
    this.details.replaceChildren(...(step ? stepDetails(step, rows) : []));
  }

  private onKey(event: KeyboardEvent): void {
    const index = this.steps.findIndex(({ number }) => number === this.selected);
    const last = this.steps.length - 1;
    const targets: Record<string, number> = {
      ArrowUp: Math.max(0, index - 1),
      ArrowDown: Math.min(last, index + 1),
      Home: 0,
      End: last,
    };
    const target = this.steps[targets[event.key] ?? -1];
    if (!target) return;
    event.preventDefault();
    this.onSelect(target.number);
  }
}

function stepItem(step: StepView): HTMLElement {
  const item = element("div", {
    className: step.pages === 0 ? "step quiet" : "step",
    testId: `step-${step.number}`,
    attributes: {
      role: "option",
      "data-step": String(step.number),
      id: `step-${step.number}`,
      "aria-selected": "false",
    },
  });
  item.append(
    element("span", { className: "step-number", text: String(step.number) }),
    element("span", { className: "step-place", text: place(step.from) }),
    element("span", { className: "step-pages", text: step.pages.toLocaleString("en") }),
    element("span", { className: "step-summary", text: step.summary || "nothing written" }),
  );
  item.title = `${place(step.from)} wrote ${plural(step.pages, "page")}${step.summary ? `: ${step.summary}` : ""}`;
  return item;
}

function place(location: SourceLocation | undefined): string {
  if (!location) return "?";
  const file = location.source?.slice(location.source.lastIndexOf("/") + 1) ?? location.function;
  return `${file}:${location.line}`;
}

function stepDetails(step: StepView, rows: readonly MappingRow[]): Node[] {
  const facts = [
    `${plural(step.pages, "page")} written${step.summary ? `: ${step.summary}` : ""}`,
    ...(step.debugger.length > 0 ? [`the debugger wrote ${plural(countPages(step.debugger), "page")} before it`] : []),
    ...(step.discarded > 0 ? [`${plural(step.discarded, "page")} given back to the kernel`] : []),
    ...(step.created > 0 ? [`${plural(step.created, "mapping")} created`] : []),
    ...(step.removed > 0
      ? [`${plural(step.removed, "mapping")} removed; what was written to them before is not known`]
      : []),
    ...(step.shared
      ? ["the program ran on before the debugger's own writes were told apart: some may be among these"]
      : []),
    `scan ${step.scanMicroseconds.toLocaleString("en")} µs`,
  ];
  const table = element("table", { className: "ranges" });
  for (const [runs, debuggers] of [
    [step.written, false],
    [step.debugger, true],
  ] as const) {
    for (const { start, end, mapping } of splitByMapping(PageSet.fromRuns(runs), rows)) {
      if (table.childElementCount >= MOST_RANGES) break;
      table.append(rangeRow(start, end, mapping, step, debuggers));
    }
  }
  const left = Math.max(0, (step.written.length + step.debugger.length) / 2 - table.childElementCount);
  return [
    element("div", {
      className: "details-title",
      text: `Step ${step.number}: ${place(step.from)} → ${place(step.to)}`,
    }),
    ...facts.map(text => element("div", { className: "fact", text })),
    table,
    ...(left > 0 ? [element("div", { className: "fact", text: `and ${plural(left, "more range")}` })] : []),
  ];
}

function rangeRow(
  start: number,
  end: number,
  row: MappingRow | undefined,
  step: StepView,
  debuggers: boolean,
): HTMLElement {
  const name = row ? row.name.slice(row.name.lastIndexOf("/") + 1) || "[anon]" : "unmapped";
  const notes = step.notes.filter(note => note.start < end && start < note.end).map(({ note }) => note);
  const line = element(
    "tr",
    debuggers ? { className: "by-debugger" } : {},
    element("td", { className: "address", text: `${formatAddress(start)}-${formatAddress(end)}` }),
    element("td", { className: "count", text: (end - start).toLocaleString("en") }),
    element("td", { text: debuggers ? `${name} (debugger)` : name }),
  );
  if (notes.length > 0) {
    line.append(element("td", { className: "note", text: [...new Set(notes)].join(", ") }));
    line.title = [...new Set(notes)].map(note => NOTES[note]).join("; ");
  }
  return line;
}

function countPages(runs: Float64Array): number {
  let pages = 0;
  for (let i = 0; i < runs.length; i += 2) pages += runs[i + 1] - runs[i];
  return pages;
}

// The page of the "Memory Writes" view: keeps what the extension told, and connects the parts that show it.
import "./style.css";
import { formatAddress, formatSize } from "../src/memory/page.ts";
import { PageSet } from "../src/memory/page-set.ts";
import type {
  MappingRow,
  PanelCommand,
  SessionView,
  SnapshotView,
  StepView,
  ToPage,
} from "../src/ui/panel-messages.ts";
import { button } from "./controls.ts";
import { element, plural } from "./elements.ts";
import { emptyState } from "./empty-state.ts";
import { host, onMessage } from "./host.ts";
import { legend, STEP_LEGEND } from "./legend.ts";
import { Coverage } from "./map/coverage.ts";
import {
  NO_PAGES,
  type SnapshotClass,
  type StepPages,
  snapshotClasses,
  snapshotLayers,
  stepLayers,
} from "./map/layers.ts";
import type { Block, Cell } from "./map/layout.ts";
import { MapView } from "./map/map-view.ts";
import { MappingTable } from "./mapping-table.ts";
import { StepsView } from "./steps-view.ts";
import { onThemeChange, readTheme } from "./theme.ts";
import { Toolbar } from "./toolbar.ts";

let sessions: readonly SessionView[] = [];
let shown: SessionView | undefined;
let rows: readonly MappingRow[] = [];
let resident = NO_PAGES;
let steps: StepPages[] = [];
let everWritten = NO_PAGES;
let selected: number | undefined;
let snapshot: { view: SnapshotView; classes: SnapshotClass[] } | undefined;
let writtenOnly = false;
let missing: string | undefined;

const command = (name: PanelCommand): void => host.postMessage({ type: "command", command: name });
const toolbar = new Toolbar({
  command,
  showSession: session => host.postMessage({ type: "show", session }),
  zoom: by => map.zoomBy(by),
  jump: direction => map.jump(direction),
  toggleWrittenOnly: () => {
    writtenOnly = !writtenOnly;
    keep();
    update();
  },
});
const map = new MapView({ caption, describe, activate, moved: keep });
const stepsView = new StepsView(number => {
  select(number);
  host.postMessage({ type: "select", step: number });
});
const table = new MappingTable();
const problem = element("div", { className: "problem", attributes: { role: "alert", hidden: "" } });
const notes = element("div", { className: "notes" });
const empty = element("div", { className: "empty-holder" });
const side = element("div", { className: "side" }, stepsView.list, stepsView.details);
const body = element("div", { className: "body" }, element("div", { className: "map-column" }, map.root, notes), side);
document.getElementById("app")?.append(toolbar.root, problem, empty, body, table.root);

const kept = host.getState();
if (kept) {
  map.zoom = kept.zoom;
  map.scroll = kept.scroll;
  writtenOnly = kept.writtenOnly;
}

function keep(): void {
  host.setState({ zoom: map.zoom, scroll: map.scroll, writtenOnly });
}

onThemeChange(() => update());
onMessage(receive);
host.postMessage({ type: "ready" });

function receive(message: ToPage): void {
  switch (message.type) {
    case "sessions":
      // What went wrong before, and what was scanned, is no news to a new session.
      if (message.shown !== shown?.id) {
        problem.hidden = true;
        if (snapshot) closeSnapshot();
      }
      sessions = message.sessions;
      shown = sessions.find(({ id }) => id === message.shown);
      break;
    case "mappings":
      rows = message.rows;
      resident = new Coverage(PageSet.fromRuns(message.resident));
      break;
    case "steps":
      steps = message.steps.map(stepPages);
      everWritten = new Coverage(steps.reduce((all, { written }) => all.union(written.pages), PageSet.EMPTY));
      stepsView.replace(message.steps);
      select(steps.at(-1)?.number);
      return;
    case "step":
      addStep(message.step);
      return;
    case "select":
      select(message.step);
      return;
    case "snapshot":
      snapshot = { view: message.snapshot, classes: snapshotClasses(message.snapshot) };
      break;
    case "missing":
      missing = message.why;
      break;
    case "problem":
      showProblem(message.message);
      return;
  }
  update();
}

function addStep(step: StepView): void {
  const arrived = performance.now();
  steps.push(stepPages(step));
  everWritten = new Coverage(everWritten.pages.union(PageSet.fromRuns(step.written)));
  stepsView.add(step);
  select(step.number);
  map.reveal();
  map.afterPaint(() =>
    host.postMessage({ type: "painted", step: step.number, milliseconds: performance.now() - arrived }),
  );
}

function stepPages({ number, written, debugger: debuggers }: StepView): StepPages {
  return {
    number,
    written: new Coverage(PageSet.fromRuns(written)),
    debugger: new Coverage(PageSet.fromRuns(debuggers)),
  };
}

function select(number: number | undefined): void {
  selected = number;
  stepsView.select(number, rows);
  update();
}

function update(): void {
  const theme = readTheme();
  toolbar.update(sessions, shown, steps.length, writtenOnly);
  const nothing = !snapshot && rows.length === 0;
  body.hidden = nothing;
  empty.hidden = !nothing;
  if (nothing) {
    empty.replaceChildren(
      emptyState(shown?.phase === "ended" ? undefined : shown, missing, {
        arm: () => command("arm"),
        scanProcess: () => command("scanProcess"),
        openSimulatedProgram: () => command("openSimulatedProgram"),
      }),
    );
    return;
  }
  side.hidden = snapshot !== undefined;
  if (snapshot) {
    const { view, classes } = snapshot;
    map.show(view.rows, snapshotLayers(classes));
    table.update(
      view.rows,
      classes.map(({ name, coverage }) => ({ title: name, coverage })),
    );
    notes.replaceChildren(snapshotBar(view, classes), legend(classes, theme));
    return;
  }
  map.show(visibleRows(), stepLayers(resident, steps, selected));
  table.update(rows, [
    { title: "Resident", coverage: resident },
    { title: "Written by the selected step", coverage: chosen()?.written ?? NO_PAGES },
    { title: "Written in all", coverage: everWritten },
  ]);
  notes.replaceChildren(legend(STEP_LEGEND, theme));
}

/** The same array while nothing changes: the map lays out only what is new to it. */
let filtered: { of: readonly MappingRow[]; everWritten: Coverage; rows: readonly MappingRow[] } | undefined;

function visibleRows(): readonly MappingRow[] {
  if (!writtenOnly) return rows;
  if (filtered?.of !== rows || filtered.everWritten !== everWritten) {
    filtered = { of: rows, everWritten, rows: rows.filter(({ start, end }) => everWritten.count(start, end) > 0) };
  }
  return filtered.rows;
}

function chosen(): StepPages | undefined {
  return steps.find(({ number }) => number === selected);
}

function snapshotBar(view: SnapshotView, classes: readonly SnapshotClass[]): HTMLElement {
  const counts = classes
    .filter(({ coverage }) => coverage.pageCount > 0)
    .map(({ name, coverage }) => `${coverage.pageCount.toLocaleString("en")} ${name}`);
  return element(
    "div",
    { className: "snapshot-bar", testId: "snapshot" },
    element("span", {
      text: `${view.title} (${view.pid}): ${counts.join(", ")}; scanned in ${view.microseconds.toLocaleString("en")} µs`,
    }),
    button({
      label: "Save as JSON…",
      title: "Save this scan as JSON",
      testId: "save-snapshot",
      onClick: () => host.postMessage({ type: "saveSnapshot" }),
    }),
    button({ label: "Close", title: "Back to the debug session", testId: "close-snapshot", onClick: closeSnapshot }),
  );
}

function closeSnapshot(): void {
  snapshot = undefined;
  host.postMessage({ type: "closeSnapshot" });
  update();
}

function showProblem(message: string): void {
  problem.hidden = false;
  problem.replaceChildren(
    element("span", { text: message }),
    button({
      label: "✕",
      title: "Dismiss",
      appearance: "icon",
      onClick: () => {
        problem.hidden = true;
      },
    }),
  );
}

/** The right end of a mapping's label. */
function caption({ row }: Block): string {
  const size = formatSize(row.end - row.start);
  if (snapshot) return size;
  const written = chosen()?.written.count(row.start, row.end) ?? 0;
  return written > 0 ? `${written.toLocaleString("en")} written · ${size}` : size;
}

function describe({ start, end, block: { row } }: Cell): string {
  const range = `${formatAddress(start)}-${formatAddress(end)} (${plural(end - start, "page")})`;
  const name = `${row.name || "[anon]"} ${row.permissions}`;
  if (snapshot) {
    const classes = snapshot.classes
      .map(({ name: title, coverage }) => ({ title, count: coverage.count(start, end) }))
      .filter(({ count }) => count > 0)
      .map(({ title, count }) => `${count.toLocaleString("en")} ${title}`);
    return `${range}\n${name}\n${classes.join(", ") || "unpopulated"}`;
  }
  const now = chosen();
  const lines = [range, name];
  const written = now?.written.count(start, end) ?? 0;
  const debuggers = now?.debugger.count(start, end) ?? 0;
  if (written > 0) lines.push(`${plural(written, "page")} written by step ${now?.number}`);
  if (debuggers > 0) lines.push(`${plural(debuggers, "page")} written by the debugger`);
  const others = steps.filter(step => step !== now && step.written.count(start, end) > 0).map(({ number }) => number);
  if (others.length > 0) lines.push(`written in step ${others.slice(-8).join(", ")}`);
  lines.push(`${resident.count(start, end).toLocaleString("en")} in memory`);
  if (row.reason) lines.push(`not armed: ${row.reason}`);
  return lines.join("\n");
}

/** Chooses the newest step that wrote in the cell. */
function activate({ start, end }: Cell): void {
  const writer = steps.findLast(({ written }) => written.count(start, end) > 0);
  if (!writer || snapshot) return;
  select(writer.number);
  host.postMessage({ type: "select", step: writer.number });
}

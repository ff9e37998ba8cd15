// All that the page shows, put together: which parts, and what each is given of the state.
import { t } from "../src/common/l10n.ts";
import type { InspectedRange, PanelCommand, RecordingItem } from "../src/ui/protocol.ts";
import { button } from "./controls.ts";
import { element, setText } from "./elements.ts";
import { EmptyState } from "./empty-state.ts";
import { InspectorView } from "./inspector/inspector-view.ts";
import { Legend } from "./legend.ts";
import type { Palette } from "./map/cells.ts";
import { MapToolbar } from "./map/map-toolbar.ts";
import { MapView } from "./map/map-view.ts";
import { paletteOf } from "./map/palette.ts";
import type { MenuItem } from "./menu.ts";
import { failures } from "./reduce.ts";
import type { Event, State } from "./state.ts";
import { DetailsView } from "./steps/details.ts";
import { StepsToolbar } from "./steps/steps-toolbar.ts";
import { StepsView } from "./steps/steps-view.ts";
import { MappingTable } from "./table.ts";
import { onThemeChange, readTheme, type Theme } from "./theme.ts";
import { BrushView } from "./timeline/brush-view.ts";
import { TimelineTable } from "./timeline/timeline-table.ts";
import { TimelineView } from "./timeline/timeline-view.ts";
import { Toolbar } from "./toolbar.ts";
import { hasContent, shownItem } from "./wants.ts";

export interface ViewActions {
  dispatch(event: Event): void;
  command(command: PanelCommand): void;
  show(recording: string): void;
  save(recording: string): void;
  close(recording: string): void;
  copy(text: string): void;
  whoWrote(start: number, end: number): void;
  inspect(expression: string): void;
  openRange(how: "inspector" | "hex editor", range: InspectedRange): void;
  /** What its menu offers for bytes [start, end): nothing where no program stands behind the recording. */
  rangeItems(start: number, end: number): readonly MenuItem[];
  dismiss(): void;
}

/** Milliseconds that a part may take of a frame and leave the other one its own: all script of a frame is to stay below 8. */
const SHARE_MS = 2.5;

export class View {
  readonly root: HTMLElement;
  private readonly toolbar: Toolbar;
  private readonly problem: ProblemLine;
  private readonly empty: EmptyState;
  private readonly emptyHolder: HTMLElement;
  private readonly body: HTMLElement;
  private readonly mapToolbar: MapToolbar;
  private readonly timeline: TimelineView;
  private readonly timelineTable = new TimelineTable();
  private readonly brush: BrushView;
  private readonly map: MapView;
  private readonly legend = new Legend();
  private readonly table: MappingTable;
  private readonly side: HTMLElement;
  private readonly stepsToolbar: StepsToolbar;
  private readonly steps: StepsView;
  private readonly inspector: InspectorView;
  private readonly details: DetailsView;
  /** The list of steps and what stands below it are a frame behind. */
  private isSideLeft = false;
  private theme: { readonly theme: Theme; readonly palette: Palette } | undefined;

  constructor(actions: ViewActions) {
    const { dispatch } = actions;
    this.toolbar = new Toolbar(actions);
    this.problem = new ProblemLine({
      dismiss: actions.dismiss,
      retry: () => dispatch({ type: "retried" }),
      showLog: () => actions.command("showLog"),
    });
    this.empty = new EmptyState(actions.command);
    this.timeline = new TimelineView(dispatch);
    this.brush = new BrushView(actions);
    this.map = new MapView(actions);
    this.mapToolbar = new MapToolbar(dispatch, { zoomBy: by => this.map.zoomBy(by), focusMap: () => this.map.focus() });
    this.table = new MappingTable(dispatch);
    this.stepsToolbar = new StepsToolbar(dispatch);
    this.steps = new StepsView(actions);
    this.inspector = new InspectorView(actions);
    this.details = new DetailsView(actions, this.inspector.root);
    const mapColumn = element(
      "section",
      { className: "map-column", attributes: { "aria-label": t("Map") } },
      this.mapToolbar.root,
      this.timeline.root,
      this.map.root,
      this.timelineTable.root,
      this.table.root,
      this.legend.root,
    );
    const list = element(
      "section",
      { className: "list-column", attributes: { "aria-label": t("Steps") } },
      this.stepsToolbar.root,
      this.steps.root,
      this.steps.placeholder,
    );
    this.side = element(
      "div",
      { className: "side" },
      list,
      element("div", { className: "details-column" }, this.brush.root, this.details.root),
    );
    this.body = element("div", { className: "body" }, mapColumn, this.side);
    this.emptyHolder = element("div", { className: "empty-holder" }, this.empty.root);
    this.root = element(
      "main",
      { attributes: { "aria-label": t("Memory Writes") } },
      element("h1", { className: "visually-hidden", text: t("Memory Writes") }),
      this.toolbar.root,
      this.problem.root,
      this.emptyHolder,
      this.body,
    );
  }

  onThemeChange(listener: () => void): void {
    onThemeChange(() => {
      this.theme = undefined;
      listener();
    });
  }

  /** @returns whether all of it is painted; else it is to be called again in the next frame. */
  show(state: State): boolean {
    const panel = state.slots.panel.shown?.reply;
    const said = shownItem(state)?.status?.message ?? "";
    // What the session says of itself need not be said twice.
    const problem = panel?.problem && !said.includes(panel.problem) ? panel.problem : undefined;
    this.problem.update(problem, failures(state));
    if (!panel) {
      this.body.hidden = true;
      this.toolbar.root.hidden = true;
      return true;
    }
    const item = shownItem(state);
    const isEmpty = !item || !hasContent(item);
    this.toolbar.update(panel, item, isEmpty);
    const isBare = panel.alone === "report" && (item?.forgotten ?? 0) === 0;
    this.toolbar.root.hidden = isBare || (isEmpty && panel.recordings.length < 2);
    const hadFocus = !isEmpty && this.emptyHolder.contains(document.activeElement);
    this.body.hidden = isEmpty;
    this.emptyHolder.hidden = !isEmpty;
    if (isEmpty) this.empty.update(panel, item);
    const isAll = isEmpty || this.showContent(state, item);
    // The Arm that was pressed is gone: who works by keys goes on at the map.
    if (hadFocus) this.map.focus();
    return isAll;
  }

  /** @returns whether all of it is painted; else the rest is to be painted in the next frame. */
  private showContent(state: State, item: RecordingItem): boolean {
    const begin = performance.now();
    const sides = item.kind === "scan" ? [] : [() => this.showSide(state)];
    const parts = [() => this.showMap(state, item), ...sides];
    this.side.hidden = sides.length === 0;
    // What was left over is painted first: where each frame brings something new, the two take turns.
    if (this.isSideLeft) parts.reverse();
    parts[0]();
    const isAll = parts.length === 1 || performance.now() - begin < SHARE_MS;
    if (isAll) for (const part of parts.slice(1)) part();
    this.isSideLeft = !isAll && !this.isSideLeft;
    return isAll;
  }

  private showMap(state: State, item: RecordingItem): void {
    this.theme ??= themed();
    const { theme, palette } = this.theme;
    this.mapToolbar.update(state, item);
    this.map.root.hidden = state.asTable;
    this.table.root.hidden = !state.asTable;
    this.legend.root.hidden = state.asTable;
    if (state.asTable) {
      this.table.update(state, item);
    } else {
      this.map.show(state, theme, palette);
      this.legend.update(item.kind, palette, state);
    }
    const isTimeline = item.kind !== "scan" && state.timeline.isShown;
    this.timeline.root.hidden = !isTimeline;
    this.timelineTable.root.hidden = !isTimeline || !state.asTable;
    if (isTimeline) this.timeline.show(state, theme);
    if (isTimeline && state.asTable) this.timelineTable.update(state);
  }

  private showSide(state: State): void {
    this.steps.update(state);
    this.stepsToolbar.update(state);
    this.brush.update(state);
    this.details.update(state);
    this.inspector.update(state);
  }
}

function themed(): { theme: Theme; palette: Palette } {
  const theme = readTheme();
  return { theme, palette: paletteOf(theme) };
}

/** What went wrong, until it is dismissed; and what was asked for in vain, until it is asked for again. */
export class ProblemLine {
  readonly root = element("div", { className: "problem", testId: "problem", attributes: { role: "alert" } });
  private readonly words = element("span");
  private readonly dismiss;
  private readonly retry;

  constructor({ dismiss, retry, showLog }: { dismiss(): void; retry(): void; showLog(): void }) {
    this.dismiss = button({
      label: "✕",
      name: t("Dismiss"),
      title: t("Dismiss"),
      appearance: "icon",
      testId: "dismiss",
      onClick: dismiss,
    });
    this.retry = button({
      label: t("Ask again"),
      title: t("Asks for what is missing"),
      testId: "retry",
      onClick: retry,
    });
    const log = button({
      label: t("Show log"),
      title: t("What WriteWatch did before it"),
      testId: "show-log",
      onClick: showLog,
    });
    this.root.append(this.words, this.retry, log, this.dismiss);
    this.root.hidden = true;
  }

  update(problem: string | undefined, failed: readonly string[]): void {
    const words = [...(problem ? [problem] : []), ...failed].join(" ");
    setText(this.words, words);
    this.root.hidden = words === "";
    this.dismiss.hidden = problem === undefined;
    this.retry.hidden = failed.length === 0;
  }
}

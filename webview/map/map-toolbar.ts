// The row above the map: where to go, how near, in which order, and which mappings.
import { t } from "../../src/common/l10n.ts";
import type { MapColor, RecordingItem } from "../../src/ui/protocol.ts";
import { button, type Choice, dropdown, field, setPressed, toggle } from "../controls.ts";
import { element, setText } from "../elements.ts";
import { roving } from "../roving.ts";
import type { Event, State } from "../state.ts";

const COLOR_CHOICES: readonly (Choice & { readonly value: MapColor })[] = [
  { value: "step", label: t("Colour: by step") },
  { value: "last", label: t("Colour: last written") },
  { value: "first", label: t("Colour: first written") },
  { value: "count", label: t("Colour: how often") },
  { value: "kind", label: t("Colour: kind of memory") },
  { value: "thread", label: t("Colour: thread") },
];

export interface MapToolbarActions {
  /** Gives the map the keyboard: who went to a place goes on from there. */
  focusMap(): void;
  zoomBy(by: number): void;
}

export class MapToolbar {
  readonly root = element("div", { className: "toolbar map-toolbar" });
  private readonly buttons = element("div", {
    className: "buttons",
    attributes: { role: "toolbar", "aria-label": t("Map") },
  });
  private readonly sought = element("div", { className: "sought", attributes: { role: "status" } });
  private readonly writtenFirst;
  private readonly writtenOnly;
  private readonly folded;
  private readonly table;
  private readonly timeline;
  private readonly colors;
  private readonly ofSteps;
  private readonly zooms;
  private readonly go;
  private readonly search;
  private readonly updateRoving: () => void;
  /** The recording that was shown last. */
  private shown: string | undefined;

  constructor(dispatch: (event: Event) => void, { zoomBy, focusMap }: MapToolbarActions) {
    const icon = (label: string, name: string, title: string, testId: string, onClick: () => void) =>
      button({ label, name, title, testId, appearance: "icon", onClick });
    const written = (direction: 1 | -1) => () => dispatch({ type: "sought", target: { to: "written", direction } });
    this.ofSteps = [
      icon("‹", t("Previous written page"), t("Previous written page (P)"), "previous", written(-1)),
      icon("›", t("Next written page"), t("Next written page (N)"), "next", written(1)),
    ];
    this.zooms = [
      icon("−", t("Zoom out"), t("Zoom out (-)"), "zoom-out", () => zoomBy(-1)),
      icon("+", t("Zoom in"), t("Zoom in (+)"), "zoom-in", () => zoomBy(1)),
    ];
    this.writtenFirst = toggle(
      {
        label: t("Written first"),
        title: t("Mappings that the chosen step wrote come first"),
        testId: "written-first",
      },
      on => dispatch({ type: "ordered", order: on ? "written first" : "address" }),
    );
    this.writtenOnly = toggle(
      { label: t("Written only"), title: t("Only mappings that some step wrote"), testId: "written-only" },
      writtenOnly => dispatch({ type: "filtered", filter: { writtenOnly } }),
    );
    this.folded = toggle(
      {
        label: t("Fold"),
        name: t("Fold libraries"),
        title: t("The mappings of a library as one row, where the step wrote none"),
        testId: "fold",
      },
      foldLibraries => dispatch({ type: "filtered", filter: { foldLibraries } }),
    );
    this.table = toggle(
      {
        label: t("Table"),
        title: t("The mappings as a table, for reading and for screen readers"),
        testId: "as-table",
      },
      asTable => dispatch({ type: "tabled", asTable }),
    );
    this.timeline = toggle(
      { label: t("Timeline"), title: t("All steps as bars, above the map"), testId: "timeline-shown" },
      isShown => dispatch({ type: "timelineShown", isShown }),
    );
    this.colors = dropdown(t("Colours"), color => dispatch({ type: "colored", color: color as MapColor }));
    this.colors.element.dataset.testid = "colors";
    const all = [
      ...this.ofSteps,
      ...this.zooms,
      this.writtenFirst,
      this.writtenOnly,
      this.folded,
      this.timeline,
      this.table,
    ];
    this.buttons.append(...all);
    this.go = field({
      name: t("Go to address"),
      placeholder: t("Go to address or name"),
      title: t("Goes to an address, a mapping or a variable (Enter): 0x7f…, [heap], libc, counters"),
      testId: "go-to",
      onEnter: text => {
        if (!text.trim()) return;
        dispatch({ type: "sought", target: { to: "text", text: text.trim() } });
        focusMap();
      },
    });
    this.search = field({
      name: t("Filter mappings"),
      placeholder: t("Filter mappings"),
      title: t("Only mappings whose name holds this text"),
      testId: "filter-mappings",
      onInput: text => dispatch({ type: "filtered", filter: { text } }),
    });
    this.root.append(this.go, this.search, this.colors.element, this.buttons, this.sought);
    this.updateRoving = roving(this.buttons, () => all);
  }

  update({ map, asTable, sought, timeline }: State, { id, kind }: RecordingItem): void {
    // What was looked for in another recording says nothing of this one.
    if (id !== this.shown) this.go.value = "";
    this.shown = id;
    setPressed(this.writtenFirst, map.order === "written first");
    setPressed(this.writtenOnly, map.filter.writtenOnly);
    setPressed(this.folded, map.filter.foldLibraries);
    setPressed(this.table, asTable);
    setPressed(this.timeline, timeline.isShown);
    this.timeline.hidden = kind === "scan";
    this.colors.set(COLOR_CHOICES, map.color);
    this.colors.element.hidden = kind === "scan" || asTable;
    // A process scan has no steps that could have written.
    for (const each of [...this.ofSteps, this.writtenFirst, this.writtenOnly]) each.hidden = kind === "scan" || asTable;
    for (const each of [...this.zooms, this.folded]) each.hidden = asTable;
    if (this.search.value !== map.filter.text) this.search.value = map.filter.text;
    setText(this.sought, sought ?? "");
    this.updateRoving();
  }
}

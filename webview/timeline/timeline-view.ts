// The timeline above the map: scrub by dragging or arrow keys, brush with Shift, zoom and play; each by keyboard, too.
import { t } from "../../src/common/l10n.ts";
import type { TimelineReply } from "../../src/ui/protocol.ts";
import { element, setText } from "../elements.ts";
import type { Event, State } from "../state.ts";
import type { Theme } from "../theme.ts";
import { drawTimeline } from "./paint.ts";
import { barAt } from "./scale.ts";
import { spanOf } from "./state.ts";
import { TimelineHead } from "./timeline-head.ts";
import { barLines } from "./words.ts";

const LABEL = t(
  "Timeline: Left and Right choose a step; with Shift they brush steps; B begins a brush, C compares it with another, Escape lets go; Space plays; plus and minus zoom",
);
/** Part of what is in view that a turn of the wheel goes on by. */
const WHEEL_PART = 0.1;

export class TimelineView {
  readonly root = element("section", {
    className: "timeline",
    testId: "timeline-part",
    attributes: { "aria-label": t("Timeline") },
  });
  private readonly canvas = element("canvas", {
    testId: "timeline",
    attributes: { tabindex: "0", role: "slider", "aria-label": LABEL, "aria-orientation": "horizontal" },
  });
  private readonly box = element("div", { className: "timeline-box" }, this.canvas);
  private readonly tooltip = element("div", { className: "tooltip", attributes: { "aria-hidden": "true" } });
  private readonly head: TimelineHead;
  private readonly dispatch: (event: Event) => void;
  private state: State | undefined;
  private width = 0;
  private height = 0;
  private hovered = -1;
  private painted: readonly unknown[] = [];

  constructor(dispatch: (event: Event) => void) {
    this.dispatch = dispatch;
    this.head = new TimelineHead(dispatch);
    this.tooltip.hidden = true;
    this.root.append(this.head.root, this.box, this.tooltip);
    new ResizeObserver(() => {
      this.width = this.box.clientWidth;
      this.height = this.box.clientHeight;
      dispatch({ type: "timelineResized", width: this.width, height: this.height });
    }).observe(this.box);
    const { canvas } = this;
    canvas.addEventListener("pointerdown", event => this.onPress(event));
    canvas.addEventListener("pointermove", event => this.hover(event.buttons ? -1 : this.barUnder(event)));
    canvas.addEventListener("pointerleave", () => this.hover(-1));
    canvas.addEventListener("dblclick", () => dispatch({ type: "timelineFitted" }));
    canvas.addEventListener("wheel", event => this.onWheel(event), { passive: false });
    canvas.addEventListener("keydown", event => this.onKey(event));
  }

  show(state: State, theme: Theme): void {
    this.state = state;
    const reply = this.reply;
    this.head.update(state, theme);
    this.tell(state, reply);
    const { width, height } = this;
    const { timeline, chosen } = state;
    const { brush, other } = timeline;
    const inputs = [reply, theme, width, height, devicePixelRatio, chosen, brush, other];
    if (width === 0 || inputs.every((input, i) => input === this.painted[i])) return;
    this.painted = inputs;
    const context = this.canvas.getContext("2d");
    if (!context) return;
    this.fit();
    if (!reply) {
      context.clearRect(0, 0, this.canvas.width, this.canvas.height);
      return;
    }
    const scene = {
      ...{ reply, theme, width, height },
      ...(chosen === undefined ? {} : { chosen }),
      ...(brush ? { brush: spanOf(brush) } : {}),
      ...(brush && other ? { other: spanOf(other) } : {}),
    };
    drawTimeline(context, scene, devicePixelRatio);
    this.showTooltip();
  }

  private get reply(): TimelineReply | undefined {
    return this.state?.slots.timeline.shown?.reply;
  }

  private fit(): void {
    const [width, height] = [this.width, this.height].map(side => Math.round(side * devicePixelRatio));
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
  }

  /** What a slider says of itself. */
  private tell({ chosen, timeline, slots }: State, reply: TimelineReply | undefined): void {
    const set = (name: string, value: string): void => {
      if (this.canvas.getAttribute(name) !== value) this.canvas.setAttribute(name, value);
    };
    set("aria-valuemin", String(reply?.oldest ?? 0));
    set("aria-valuemax", String(reply?.newest ?? 0));
    set("aria-valuenow", String(chosen ?? reply?.newest ?? 0));
    const brushed = timeline.brush && slots.brush.shown ? t("; brushed: {0}", slots.brush.shown.reply.title) : "";
    set(
      "aria-valuetext",
      chosen === undefined ? t("no step") : t("step {0} of {1}{2}", chosen, reply?.newest ?? chosen, brushed),
    );
  }

  private barUnder({ offsetX }: { readonly offsetX: number }): number {
    return this.reply ? barAt(this.reply, this.width, offsetX) : -1;
  }

  private onPress(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.canvas.focus();
    const from = this.barUnder(event);
    if (!this.reply || from < 0) return;
    const begun = this.reply;
    const isBrush = event.shiftKey;
    const follow = (move: PointerEvent): void => {
      const reply = this.reply;
      const to = this.barUnder(move);
      if (!reply || to < 0) return;
      if (!isBrush) this.choose(reply.lasts[to]);
      // To the ends of the bars that were drawn over, in whichever direction.
      else if (to >= from) this.brush(begun.firsts[from], reply.lasts[to]);
      else this.brush(begun.lasts[from], reply.firsts[to]);
    };
    follow(event);
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.addEventListener("pointermove", follow);
    const release = (): void => this.canvas.removeEventListener("pointermove", follow);
    this.canvas.addEventListener("lostpointercapture", release, { once: true });
  }

  private choose(step: number): void {
    if (step !== this.state?.chosen) this.dispatch({ type: "chose", step, reveal: false });
  }

  private brush(anchor: number, head: number): void {
    this.dispatch({ type: "brushed", brush: { anchor, head } });
  }

  private onWheel(event: WheelEvent): void {
    event.preventDefault();
    const turn = event.deltaY || event.deltaX;
    if (!event.ctrlKey && !event.metaKey) {
      this.dispatch({ type: "timelineMoved", by: Math.sign(turn) * WHEEL_PART });
      return;
    }
    const bar = this.barUnder(event);
    const about = bar < 0 ? undefined : this.reply?.firsts[bar];
    this.dispatch({ type: "timelineZoomed", by: turn < 0 ? 1 : -1, ...(about === undefined ? {} : { about }) });
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { timeline } = this.state ?? {};
    const far = 10 * (this.reply?.stepsPerBar ?? 1);
    const move = (by: number): Event =>
      event.shiftKey
        ? { type: "brushExtended", by: Math.sign(by) * Math.min(Math.abs(by), 1e9) }
        : { type: "choiceMoved", by };
    const zoom = (by: number): Event => ({ type: "timelineZoomed", by });
    const events: Record<string, () => Event> = {
      ArrowLeft: () => move(-1),
      ArrowDown: () => move(-1),
      ArrowRight: () => move(1),
      ArrowUp: () => move(1),
      PageUp: () => move(event.shiftKey ? 10 : far),
      PageDown: () => move(event.shiftKey ? -10 : -far),
      Home: () => move(-Infinity),
      End: () => move(Infinity),
      b: () => ({ type: "brushBegun" }),
      c: () => ({ type: "compared", isComparing: timeline?.isComparing !== true }),
      " ": () => ({ type: "played", isPlaying: timeline?.isPlaying !== true }),
      "+": () => zoom(1),
      "=": () => zoom(1),
      "-": () => zoom(-1),
      "0": () => ({ type: "timelineFitted" }),
      Escape: () => ({ type: "brushLetGo" }),
    };
    const made = events[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!made) return;
    event.preventDefault();
    this.dispatch(made());
  }

  private hover(bar: number): void {
    if (bar === this.hovered) return;
    this.hovered = bar;
    this.showTooltip();
  }

  private showTooltip(): void {
    const { reply, hovered, state } = this;
    this.tooltip.hidden = !reply || !state || hovered < 0 || hovered >= reply.firsts.length;
    if (this.tooltip.hidden || !reply || !state) return;
    setText(this.tooltip, barLines(reply, hovered, state.timeline.measure));
    const bar = this.width / Math.max(1, reply.firsts.length);
    const x = this.box.offsetLeft + Math.min(bar, 16) * hovered;
    this.tooltip.style.left = `${Math.max(0, Math.min(x, this.root.clientWidth - this.tooltip.offsetWidth - 4))}px`;
    this.tooltip.style.top = `${this.root.clientHeight}px`;
  }
}

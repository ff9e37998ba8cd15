// The page of the "Memory Writes" view: events change one state, the state says what is asked and shown.
import "./language.ts";
import "./style.css";
import "./inspector/inspector.css";
import {
  ChangedNotification,
  ChooseNotification,
  CloseNotification,
  CommandNotification,
  CopyNotification,
  DismissProblemNotification,
  type InspectedRange,
  InspectNotification,
  OpenRangeNotification,
  PaintedNotification,
  type PanelCommand,
  PickNotification,
  RangeNotification,
  SaveNotification,
  SelectNotification,
  ShowNotification,
  WhoWroteNotification,
} from "../src/ui/protocol.ts";
import { element } from "./elements.ts";
import { Host, vscodeApi } from "./host.ts";
import { InspectorPage } from "./inspector/inspector-page.ts";
import { rangeItems } from "./range-items.ts";
import { reduce } from "./reduce.ts";
import { sameQuery } from "./slots.ts";
import { type Effect, type Event, initialState, keptOf } from "./state.ts";
import { View, type ViewActions } from "./view.ts";
import { shownItem } from "./wants.ts";
import { without } from "./without.ts";

const vscode = vscodeApi();
const host = new Host(vscode.port);
const announcer = element("div", {
  className: "visually-hidden",
  testId: "announcer",
  attributes: { role: "status", "aria-live": "polite" },
});
const actions: ViewActions = {
  dispatch,
  command: (command: PanelCommand) => host.tell(CommandNotification, { command }),
  show: recording => host.tell(ShowNotification, { recording }),
  save: recording => host.tell(SaveNotification, { recording }),
  close: recording => host.tell(CloseNotification, { recording }),
  copy: text => host.tell(CopyNotification, { text }),
  whoWrote: (start, end) => {
    const recording = shownItem(state)?.id;
    if (recording !== undefined) host.tell(WhoWroteNotification, { recording, start, end });
  },
  inspect: expression => {
    const recording = shownItem(state)?.id;
    if (recording !== undefined) host.tell(InspectNotification, { recording, expression });
  },
  openRange: (how, range) => {
    const recording = shownItem(state)?.id;
    if (recording !== undefined) host.tell(OpenRangeNotification, { recording, how, ...range });
  },
  rangeItems: (start, end) => {
    const { id: recording, status } = shownItem(state) ?? {};
    if (recording === undefined || !status || status.program === "ended") return [];
    return rangeItems(action => host.tell(RangeNotification, { recording, action, start, end }));
  },
  dismiss: () => host.tell(DismissProblemNotification, {}),
};

let kept = vscode.kept();
const inspect = document.body.dataset.inspect;
let state = initialState(kept, inspect === undefined ? undefined : (JSON.parse(inspect) as InspectedRange));
const view = state.isInspector ? new InspectorPage(actions) : new View(actions);
document.getElementById("app")?.append(view.root, announcer);
let isPaintDue = false;
/** The newest step and when the page was told of it, until it is painted. */
let arrived: { readonly step: number; readonly at: number } | undefined;

function dispatch(event: Event): void {
  const turn = reduce(state, event);
  const isNew = turn.state !== state;
  state = turn.state;
  for (const effect of turn.effects) act(effect);
  // All that comes within a frame is painted at its end, once.
  if (isNew) paintSoon();
}

function act(effect: Effect): void {
  switch (effect.do) {
    case "ask":
      host.ask(effect.slot, effect.id, effect.query, dispatch);
      break;
    case "cancel":
      host.cancel(effect.id);
      break;
    case "tell chosen":
      host.tell(ChooseNotification, without(effect, "do"));
      break;
    case "tick":
      setTimeout(() => dispatch({ type: "ticked", tick: effect.tick }), wantsLessMotion() ? CALM_TICK_MS : TICK_MS);
      break;
    case "announce":
      announcer.textContent = effect.text;
      break;
  }
}

/** How long each step shows while the timeline plays. */
const TICK_MS = 150;
const CALM_TICK_MS = 1200;

function wantsLessMotion(): boolean {
  const { classList } = document.body;
  return classList.contains("vscode-reduce-motion") || matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function paintSoon(): void {
  if (isPaintDue) return;
  isPaintDue = true;
  requestAnimationFrame(paint);
}

function paint(): void {
  isPaintDue = false;
  if (!view.show(state)) paintSoon();
  keep();
  if (!arrived || state.slots.map.shown?.query.step !== arrived.step) return;
  const { step, at } = arrived;
  arrived = undefined;
  // A message is handled after the frame that is being made now has been painted.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    // Only the newest is of use: marks would gather for as long as the page lives.
    performance.clearMarks();
    performance.mark(`writewatch: step ${step} painted`);
    host.tell(PaintedNotification, { step, milliseconds: performance.now() - at });
  };
  port2.postMessage(undefined);
}

/** Keeping is a message to VS Code: one only where there is something new to keep. */
function keep(): void {
  const now = keptOf(state);
  if (sameQuery(kept, now)) return;
  kept = now;
  vscode.keep(now);
}

host.on(ChangedNotification, changed => {
  if (changed.isNew && changed.step !== undefined) arrived = { step: changed.step, at: performance.now() };
  dispatch({ type: "changed", changed });
});
host.on(SelectNotification, ({ recording, step }) => dispatch({ type: "selected", recording, step }));
host.on(PickNotification, ({ recording, start, end, words }) => {
  if (shownItem(state)?.id === recording) dispatch({ type: "picked", start, end, words });
});
document.addEventListener("visibilitychange", () =>
  dispatch({ type: "visible", visible: document.visibilityState === "visible" }),
);
view.onThemeChange(paintSoon);
dispatch({ type: "visible", visible: document.visibilityState === "visible" });
paint();

// What each event does to the page's state, and what is to be asked and told because of it. Pure: no element, no clock.
import { type Changed, MOST_LINES, MOST_RANGES } from "../src/ui/protocol.ts";
import { freeze, look, moveInHistory } from "./inspector/moves.ts";
import { choose, chooseAndTell, quietly, scrollTo, seek, seekStep, type Turn, withMap } from "./moves.ts";
import { receive } from "./replies.ts";
import { settle } from "./settle.ts";
import { ask, isSame, SLOT_NAMES, type Slot, type SlotName } from "./slots.ts";
import { type Effect, type Event, FIRST_LINES, type State } from "./state.ts";
import { reduceTimeline } from "./timeline/reduce.ts";
import { shownItem, wants } from "./wants.ts";
import { without } from "./without.ts";

export function reduce(before: State, event: Event): Turn {
  const applied = apply(before, event);
  const settled = settle(applied.state);
  const asked = askForWanted(settled.state);
  return { state: asked.state, effects: [...applied.effects, ...settled.effects, ...asked.effects] };
}

function apply(state: State, event: Event): Turn {
  switch (event.type) {
    case "changed":
      return quietly(changed(state, event.changed));
    case "selected":
      return quietly(shownItem(state)?.id === event.recording ? choose(state, event.step) : state);
    case "replied":
      return quietly(receive(state, event.slot, event.id, event.reply));
    case "failed":
      return quietly(fail(state, event.slot, event.id, event.message));
    case "retried":
      return quietly(forgetFailures(state));
    case "visible":
      return quietly({ ...state, visible: event.visible });
    case "resized":
      return quietly(withMap(state, { width: event.width, height: event.height }));
    case "scrolled":
      return quietly(scrollTo(state, event.to));
    case "zoomed":
      return quietly(zoom(state, event.by, event.about));
    case "ordered":
      return quietly(seekStep(scrollTo(withMap(state, { order: event.order }), 0)));
    case "filtered":
      return quietly(seekStep(scrollTo(withMap(state, { filter: { ...state.map.filter, ...event.filter } }), 0)));
    case "hovered": {
      const map = without(state.map, "hover");
      return quietly({ ...state, map: event.cell ? { ...map, hover: event.cell } : map });
    }
    case "focused":
      return quietly(withMap(state, { hasFocus: event.hasFocus }));
    case "sought": {
      const from = state.map.cursor === undefined ? {} : { from: state.map.cursor };
      const target =
        event.target.to === "written" || event.target.to === "cells" ? { ...event.target, ...from } : event.target;
      return quietly(seek(state, { target, aim: "cursor", offset: 0 }));
    }
    case "activated": {
      const activated = event.page ?? state.map.cursor;
      return quietly(activated === undefined ? state : withMap(state, { activated, cursor: activated }));
    }
    case "tabled":
      return quietly({ ...state, asTable: event.asTable, tableFrom: 0 });
    case "tablePaged":
      return quietly({ ...state, tableFrom: Math.max(0, event.from) });
    case "listScrolled":
      return quietly(listScrolled(state, event.first, event.rows));
    case "listFiltered": {
      const { text = state.list.text, writingOnly = state.list.writingOnly } = event;
      const list = { ...state.list, text, writingOnly, isChosenSought: true };
      return quietly({ ...state, list });
    }
    case "chose":
      return chooseAndTell(state, event.step, event.reveal);
    case "choiceMoved":
      return quietly(moveChoice(state, event.by));
    case "followed":
      return follow(state, event.following);
    case "moreRanges":
      return quietly({ ...state, ranges: Math.min(MOST_RANGES, state.ranges * 4) });
    case "inspected":
      return quietly(look(state, { start: event.start, end: event.end }));
    case "picked": {
      const { type: _type, ...picked } = event;
      return quietly(look(state, { ...picked, isPicked: true }));
    }
    case "frozen":
      return quietly(freeze(state, event.isFrozen));
    case "historyMoved":
      return moveInHistory(state, event.by);
    case "allBytes":
      return quietly({ ...state, allBytes: event.all, lines: FIRST_LINES });
    case "moreLines":
      return quietly({ ...state, lines: Math.min(MOST_LINES, state.lines * 4) });
    default:
      return reduceTimeline(state, event);
  }
}

function askForWanted(before: State): Turn {
  const wanted = wants(before);
  const effects: Effect[] = [];
  let state = before;
  const bring = <N extends SlotName>(name: N): void => {
    const { slot, effects: asked } = ask(name, state.slots[name], wanted[name], state.nextId);
    effects.push(...asked);
    if (slot === state.slots[name]) return;
    state = { ...state, nextId: state.nextId + 1, slots: { ...state.slots, [name]: slot } };
  };
  for (const name of SLOT_NAMES) bring(name);
  return { state, effects };
}

function changed(state: State, { state: isPanel, recording, step, isNew }: Changed): State {
  const told = isPanel ? { ...state, panelVersion: state.panelVersion + 1 } : state;
  if (recording === undefined || recording !== shownItem(state)?.id) return told;
  const newer = { ...told, contentVersion: told.contentVersion + 1 };
  if (step === undefined || !isNew) return newer;
  const known = { ...newer, newest: step };
  return state.following ? { ...choose(known, step), following: true, unspoken: step } : known;
}

function moveChoice(state: State, by: number): State {
  const reply = state.slots.steps.shown?.reply;
  if (!reply || reply.total === 0) return state;
  const { list } = state;
  const index = reply.items.findIndex(({ number }) => number === state.chosen);
  // Quick keys move on from where the key before them leads.
  const from = list.wanted ?? (index < 0 ? list.first : reply.from + index);
  const wanted = Math.max(0, Math.min(reply.total - 1, from + by));
  const isInView = wanted >= list.first && wanted < list.first + list.rows;
  const first = isInView ? list.first : Math.max(0, wanted - Math.floor(list.rows / 2));
  return { ...state, list: { ...list, wanted, first, isAtEnd: wanted === reply.total - 1, isChosenSought: false } };
}

function follow(state: State, following: boolean): Turn {
  const recording = shownItem(state)?.id;
  const step = following ? (state.newest ?? state.chosen) : state.chosen;
  const turned = following && step !== undefined ? choose(state, step) : state;
  const list = following ? { ...turned.list, isAtEnd: true, isChosenSought: true } : turned.list;
  const told: Effect[] =
    recording === undefined || step === undefined
      ? []
      : [{ do: "tell chosen", recording, step, reveal: false, stay: !following }];
  return { state: { ...turned, following, list }, effects: told };
}

function listScrolled(state: State, first: number, rows: number): State {
  const { list, slots } = state;
  if (first === list.first && rows === list.rows) return state;
  const total = slots.steps.shown?.reply.total ?? 0;
  // A list that became lower keeps the newest step in sight where that is followed.
  const isCut = state.following && list.isAtEnd && rows < list.rows;
  const isChosenSought = list.isChosenSought || isCut;
  return { ...state, list: { ...list, first, rows, isAtEnd: first + rows >= total, isChosenSought } };
}

function zoom(state: State, by: number, about: { page: number; offset: number } | undefined): State {
  const deepest = state.slots.map.shown?.reply.deepest ?? 0;
  const level = Math.max(0, Math.min(deepest, state.map.zoom + by));
  if (level === state.map.zoom) return state;
  // A place that is on its way is still the one that is meant.
  if (state.seek && state.seek.aim !== "anchor") {
    const { target, aim, offset } = state.seek;
    return seek(withMap(state, { zoom: level }), { target, aim, offset });
  }
  // While the map of the zoom before is on its way, what is in sight tells nothing of where things lie: quick keys go on about the same place.
  const isStale = state.seek?.aim === "anchor" || state.slots.map.shown?.query.zoom !== state.map.zoom;
  const anchor = isStale ? (state.map.anchored ?? about) : about;
  if (!anchor) return withMap(state, { zoom: level });
  const zoomed = withMap(state, { zoom: level, anchored: anchor });
  return seek(zoomed, { target: { to: "page", page: anchor.page }, aim: "anchor", offset: anchor.offset });
}

function fail(state: State, name: SlotName, id: number, message: string): State {
  const { pending } = state.slots[name];
  if (pending?.id !== id) return state;
  const slot = without(state.slots[name], "pending");
  const failed = { query: pending.query, version: pending.version, message };
  const failing = { ...state, slots: { ...state.slots, [name]: { ...slot, failed, overtaken: 0 } } };
  if (name === "cell") return { ...failing, map: without(failing.map, "activated") };
  // Else the map would be held back for a place that never comes.
  if (name !== "place") return failing;
  return { ...without(failing, "seek"), sought: message };
}

function forgetFailures(state: State): State {
  const slots = Object.fromEntries(
    Object.entries(state.slots).map(([name, slot]) => [name, without<Slot<SlotName>, "failed">(slot, "failed")]),
  ) as unknown as State["slots"];
  return { ...state, slots };
}

/** What was asked for in vain and is still wanted, one sentence each. */
export function failures(state: State): string[] {
  const wanted = wants(state);
  return SLOT_NAMES.flatMap(name => {
    const { failed } = state.slots[name];
    return failed && isSame<unknown>(failed, wanted[name]) ? [failed.message] : [];
  });
}

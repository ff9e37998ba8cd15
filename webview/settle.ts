// What follows once answers are there: each rule waits for what it needs, whichever answer brings it.
import { MapLayer, type StepsQuery } from "../src/ui/protocol.ts";
import { CELL } from "./map/cell.ts";
import { isLayerVisible } from "./map/geometry.ts";
import { choose, chooseAndTell, quietly, scrollTo, type Turn } from "./moves.ts";
import { isSame } from "./slots.ts";
import type { Effect, ListState, State } from "./state.ts";
import { keepPlaying, tellBrush } from "./timeline/reduce.ts";
import { wants } from "./wants.ts";
import { without } from "./without.ts";
import { spokenStep } from "./words.ts";

/** Room left above a place where a step wrote. */
const MARGIN = CELL * 5;

export function settle(before: State): Turn {
  const effects: Effect[] = [];
  let state = before;
  for (const rule of [
    chooseNewest,
    showChosenRow,
    chooseWanted,
    chooseWriter,
    showWritten,
    speak,
    keepPlaying,
    tellBrush,
  ]) {
    const turn = rule(state);
    state = turn.state;
    effects.push(...turn.effects);
  }
  return { state, effects };
}

/** The last step of the list's end is the newest, also for a page that has just been opened. */
function chooseNewest(state: State): Turn {
  const { shown } = state.slots.steps;
  if (!state.following || shown?.version !== state.contentVersion || shown.query.from >= 0) return quietly(state);
  const last = shown.reply.items.at(-1)?.number;
  if (last === undefined || last <= (state.chosen ?? 0)) return quietly(state);
  return { state: { ...choose({ ...state, newest: last }, last), following: true }, effects: [] };
}

function showChosenRow(state: State): Turn {
  const { list, chosen, slots } = state;
  const { shown } = slots.steps;
  if (!list.isChosenSought || chosen === undefined || !shown || !isOfList(shown.query, list)) return quietly(state);
  const index = shown.reply.items.findIndex(({ number }) => number === chosen);
  if (index >= 0) return goTo(state, shown.reply.from + index);
  // A list of a moment ago may lack it only because it is so new.
  if (shown.version !== state.contentVersion) return quietly(state);
  const position = slots.position.shown;
  if (position?.version !== state.contentVersion || position.query.step !== chosen) return quietly(state);
  if (!isOfList(position.query, list)) return quietly(state);
  // Its steps are not there yet, but will be of the part that is then in view.
  if (position.reply >= 0) return goTo(state, position.reply);
  return quietly({ ...state, list: { ...list, isChosenSought: false } });
}

/** Whether an answer is of the list as it is filtered now. */
function isOfList({ text, writingOnly }: StepsQuery, list: ListState): boolean {
  return text === list.text && writingOnly === list.writingOnly;
}

function goTo(state: State, position: number): Turn {
  const { list } = state;
  const isInView = position >= list.first && position < list.first + list.rows;
  const first = isInView ? list.first : Math.max(0, position - Math.floor(list.rows / 2));
  const serial = (list.goTo?.serial ?? 0) + 1;
  const total = state.slots.steps.shown?.reply.total ?? 0;
  const isAtEnd = position >= total - 1 || first + list.rows >= total;
  return quietly({ ...state, list: { ...list, first, isAtEnd, isChosenSought: false, goTo: { position, serial } } });
}

/** A key moved the choice to a position: its step is known once that part of the list is. */
function chooseWanted(state: State): Turn {
  const { wanted } = state.list;
  const { shown } = state.slots.steps;
  if (wanted === undefined || !shown || !isOfList(shown.query, state.list)) return quietly(state);
  const item = shown.reply.items[wanted - shown.reply.from];
  if (!item) return quietly(state);
  const turn = chooseAndTell({ ...state, list: without(state.list, "wanted") }, item.number, false);
  return { state: goTo(turn.state, wanted).state, effects: turn.effects };
}

/** The newest step that wrote the activated cell; from a chosen one on the next older. */
function chooseWriter(state: State): Turn {
  if (state.map.activated === undefined) return quietly(state);
  const { shown } = state.slots.cell;
  if (!shown || !isSame(shown, wants(state).cell)) return quietly(state);
  const { writers } = shown.reply;
  const next = writers[writers.indexOf(state.chosen ?? -1) + 1] ?? writers[0];
  const done = { ...state, map: without(state.map, "activated") };
  return next === undefined ? quietly(done) : chooseAndTell(done, next, true);
}

/** Scrolls to what the chosen step wrote, unless some of it is in view. */
function showWritten(state: State): Turn {
  const { place, chosen, map } = state;
  const { shown } = state.slots.map;
  if (!place || !shown || shown.query.step !== chosen) return quietly(state);
  const rest = without(state, "place");
  // A cell cut in half at an edge is not in view.
  const [top, bottom] = [map.scroll + CELL, map.scroll + map.height - CELL];
  if (isLayerVisible(shown.reply, isOfSteps, top, bottom)) return quietly(rest);
  return quietly(scrollTo(rest, place.y - MARGIN));
}

/** Whether a cell shows what the steps that are looked at wrote. */
function isOfSteps(layer: number): boolean {
  return layer === MapLayer.WRITTEN || layer >= MapLayer.DEGREE_FIRST;
}

function speak(state: State): Turn {
  const { shown } = state.slots.details;
  if (state.unspoken === undefined || shown?.query.step !== state.unspoken || !shown.reply) return quietly(state);
  return { state: without(state, "unspoken"), effects: [{ do: "announce", text: spokenStep(shown.reply) }] };
}

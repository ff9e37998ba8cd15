// What each message of the protocol must look like, as the side that gets it checks it. Bounds keep one message from asking for more than a screen.
import { flag, number, object, oneOf, optional, type Shape, text, variant, whole } from "../common/shape.ts";
import { PAGE_SIZE, USER_PAGES_END } from "../memory/page.ts";
import {
  type BrushQuery,
  type Changed,
  type InspectQuery,
  MAP_COLORS,
  type MapFilter,
  type MapLook,
  type MapQuery,
  type MapTarget,
  MEASURES,
  MOST_LINES,
  MOST_RANGES,
  type OpenRange,
  PANEL_COMMANDS,
  type PanelCommand,
  RANGE_ACTIONS,
  type RangeAction,
  type RecordingRef,
  type StepSpan,
  type StepsQuery,
  type TimelineQuery,
} from "./protocol.ts";

/** Pixels of the largest box that is drawn, and of what is laid out around it. */
const MOST_PIXELS = 16_384;
const MOST_STEPS = 2000;
const MOST_ROWS = 2000;
/** More than any map is high. */
const MOST_SCROLL = 2 ** 50;
const MOST_ZOOM = 64;
/** What can be copied at once: the ranges of a large step. */
const MOST_COPIED = 4 * 1024 * 1024;

const id = text(200);
/** A page, or a part of one: a cell of the map may be a byte. */
const place = number(0, USER_PAGES_END);
const address = whole(0, USER_PAGES_END * PAGE_SIZE);
const stepNumber = whole(0);

export const NOTHING: Shape<Record<string, never>> = object<Record<string, never>>({});

export const RECORDING_REF: Shape<RecordingRef> = object<RecordingRef>({ recording: id });

const MAP_FILTER: Shape<MapFilter> = object<MapFilter>({
  writtenOnly: flag,
  foldLibraries: flag,
  text: text(),
});

const STEP_SPAN: Shape<StepSpan> = object<StepSpan>({ first: stepNumber, last: stepNumber });

const MAP_LOOK: Shape<MapLook> = object<MapLook>({
  color: oneOf(...MAP_COLORS),
  brush: optional(STEP_SPAN),
  other: optional(STEP_SPAN),
});

export const MAP_QUERY: Shape<MapQuery> = object<MapQuery>({
  recording: id,
  step: optional(stepNumber),
  width: number(0, MOST_PIXELS),
  height: number(0, MOST_PIXELS),
  scroll: number(-MOST_PIXELS, MOST_SCROLL),
  overscan: number(0, MOST_PIXELS),
  zoom: whole(0, MOST_ZOOM),
  order: oneOf("address", "written first"),
  filter: MAP_FILTER,
  look: optional(MAP_LOOK),
});

const MAP_TARGET: Shape<MapTarget> = variant<MapTarget>("to", {
  written: object<Extract<MapTarget, { to: "written" }>>({
    to: oneOf("written"),
    from: optional(place),
    direction: oneOf(1, -1),
  }),
  text: object<Extract<MapTarget, { to: "text" }>>({ to: oneOf("text"), text: text() }),
  page: object<Extract<MapTarget, { to: "page" }>>({ to: oneOf("page"), page: place }),
  cells: object<Extract<MapTarget, { to: "cells" }>>({
    to: oneOf("cells"),
    from: optional(place),
    cells: whole(-(2 ** 40), 2 ** 40),
  }),
  "chosen step": object<Extract<MapTarget, { to: "chosen step" }>>({ to: oneOf("chosen step") }),
});

export const LOCATE: Shape<{ readonly query: MapQuery; readonly target: MapTarget }> = object<{
  readonly query: MapQuery;
  readonly target: MapTarget;
}>({ query: MAP_QUERY, target: MAP_TARGET });

type DescribeParams = RecordingRef & {
  readonly start: number;
  readonly end: number;
  readonly step?: number;
  readonly look?: MapLook;
};
export const DESCRIBE: Shape<DescribeParams> = object<DescribeParams>({
  recording: id,
  start: place,
  end: place,
  step: optional(stepNumber),
  look: optional(MAP_LOOK),
});

export const TIMELINE: Shape<TimelineQuery> = object<TimelineQuery>({
  recording: id,
  view: optional(STEP_SPAN),
  bars: whole(1, MOST_PIXELS),
  measure: oneOf(...MEASURES),
});

export const BRUSH: Shape<BrushQuery> = object<BrushQuery>({
  recording: id,
  brush: STEP_SPAN,
  other: optional(STEP_SPAN),
  count: whole(0, MOST_RANGES),
});

const STEPS_SHAPES = {
  recording: id,
  from: whole(-Number.MAX_SAFE_INTEGER),
  count: whole(0, MOST_STEPS),
  text: text(),
  writingOnly: flag,
};
export const STEPS_QUERY: Shape<StepsQuery> = object<StepsQuery>(STEPS_SHAPES);
export const STEP_POSITION: Shape<StepsQuery & { readonly step: number }> = object<
  StepsQuery & { readonly step: number }
>({ ...STEPS_SHAPES, step: stepNumber });

type StepParams = RecordingRef & { readonly step: number; readonly from: number; readonly count: number };
export const STEP: Shape<StepParams> = object<StepParams>({
  recording: id,
  step: stepNumber,
  from: whole(),
  count: whole(0, MOST_RANGES),
});

export const INSPECT: Shape<InspectQuery> = object<InspectQuery>({
  recording: id,
  step: optional(stepNumber),
  brush: optional(STEP_SPAN),
  start: address,
  end: address,
  count: whole(1, MOST_LINES),
  all: optional(flag),
});

type TableParams = RecordingRef & {
  readonly step?: number;
  readonly look?: MapLook;
  readonly from: number;
  readonly count: number;
};
export const TABLE: Shape<TableParams> = object<TableParams>({
  recording: id,
  step: optional(stepNumber),
  look: optional(MAP_LOOK),
  from: whole(),
  count: whole(0, MOST_ROWS),
});

export const COMMAND: Shape<{ readonly command: PanelCommand }> = object<{ readonly command: PanelCommand }>({
  command: oneOf(...PANEL_COMMANDS),
});

type ChooseParams = RecordingRef & { readonly step: number; readonly reveal: boolean; readonly stay?: boolean };
export const CHOOSE: Shape<ChooseParams> = object<ChooseParams>({
  recording: id,
  step: stepNumber,
  reveal: flag,
  stay: optional(flag),
});

type WhoWroteParams = RecordingRef & { readonly start: number; readonly end: number };
export const WHO_WROTE: Shape<WhoWroteParams> = object<WhoWroteParams>({ recording: id, start: address, end: address });

type InspectParams = RecordingRef & { readonly expression: string };
export const INSPECT_EXPRESSION: Shape<InspectParams> = object<InspectParams>({ recording: id, expression: text() });

export const OPEN_RANGE: Shape<OpenRange> = object<OpenRange>({
  recording: id,
  how: oneOf("inspector", "hex editor"),
  step: optional(stepNumber),
  start: address,
  end: address,
  words: optional(text()),
});

type RangeParams = WhoWroteParams & { readonly action: RangeAction };
export const RANGE: Shape<RangeParams> = object<RangeParams>({
  recording: id,
  start: address,
  end: address,
  action: oneOf(...RANGE_ACTIONS),
});

export const COPY: Shape<{ readonly text: string }> = object<{ readonly text: string }>({ text: text(MOST_COPIED) });

export const PAINTED: Shape<{ readonly step: number; readonly milliseconds: number }> = object<{
  readonly step: number;
  readonly milliseconds: number;
}>({ step: stepNumber, milliseconds: number(0) });

// ── What the page checks ─────────────────────────────────────────────────────────────────────────────────────────────

export const CHANGED: Shape<Changed> = object<Changed>({
  state: flag,
  recording: optional(id),
  revision: optional(whole()),
  step: optional(stepNumber),
  isNew: optional(flag),
  layout: optional(flag),
});

type SelectParams = RecordingRef & { readonly step: number };
export const SELECT: Shape<SelectParams> = object<SelectParams>({ recording: id, step: stepNumber });

type PickParams = RecordingRef & { readonly start: number; readonly end: number; readonly words: string };
export const PICK: Shape<PickParams> = object<PickParams>({
  recording: id,
  start: address,
  end: address,
  words: text(),
});

// What the page asks for: one slot a kind of question, each with the question in flight and the last answer.
import type {
  BrushDetails,
  BrushQuery,
  InspectQuery,
  InspectReply,
  MapLook,
  MapPlace,
  MapQuery,
  MapReply,
  MapTarget,
  PanelState,
  StepDetails,
  StepsQuery,
  StepsReply,
  TableRow,
  TimelineQuery,
  TimelineReply,
} from "../src/ui/protocol.ts";
import { without } from "./without.ts";

/** Questions and answers, by the name of their slot. */
export interface Questions {
  panel: { query: Record<string, never>; reply: PanelState };
  map: { query: MapQuery; reply: MapReply };
  place: { query: { readonly query: MapQuery; readonly target: MapTarget }; reply: MapPlace | null };
  cell: { query: CellQuery; reply: { readonly lines: readonly string[]; readonly writers: readonly number[] } };
  steps: { query: StepsQuery; reply: StepsReply };
  position: { query: StepsQuery & { readonly step: number }; reply: number };
  details: { query: DetailsQuery; reply: StepDetails | null };
  inspect: { query: InspectQuery; reply: InspectReply | null };
  timeline: { query: TimelineQuery; reply: TimelineReply };
  brush: { query: BrushQuery; reply: BrushDetails };
  table: { query: TableQuery; reply: { readonly total: number; readonly rows: readonly TableRow[] } };
}

export type SlotName = keyof Questions;

interface CellQuery {
  readonly recording: string;
  readonly start: number;
  readonly end: number;
  readonly step?: number;
  readonly look?: MapLook;
}

interface DetailsQuery {
  readonly recording: string;
  readonly step: number;
  readonly from: number;
  readonly count: number;
}

interface TableQuery {
  readonly recording: string;
  readonly step?: number;
  readonly look?: MapLook;
  readonly from: number;
  readonly count: number;
}

/** A question with what it was asked about: the same query of a changed recording is another question. */
export interface Want<Q> {
  readonly query: Q;
  /** Rises with each change of what the question is about. */
  readonly version: number;
}

export interface Slot<N extends SlotName> {
  readonly pending?: Want<Questions[N]["query"]> & { readonly id: number };
  readonly shown?: Want<Questions[N]["query"]> & { readonly reply: Questions[N]["reply"] };
  readonly failed?: Want<Questions[N]["query"]> & { readonly message: string };
  /** How many questions in a row were given up for newer ones before they were answered. */
  readonly overtaken: number;
}

export type Slots = { readonly [N in SlotName]: Slot<N> };
export type Wants = { readonly [N in SlotName]?: Want<Questions[N]["query"]> };

export const SLOT_NAMES = [
  "panel",
  "map",
  "timeline",
  "steps",
  "details",
  "place",
  "cell",
  "position",
  "inspect",
  "brush",
  "table",
] as const satisfies readonly SlotName[];

/** A question that newer ones replaced so often in a row is left to be answered: else quick steps would leave the page blank. */
const MOST_OVERTAKEN = 3;

export type SlotEffect =
  | { readonly do: "ask"; readonly slot: SlotName; readonly id: number; readonly query: unknown }
  | { readonly do: "cancel"; readonly id: number };

/**
 * Brings a slot's question in line with what is wanted.
 * @param id for a new question.
 */
export function ask<N extends SlotName>(
  name: N,
  slot: Slot<N>,
  want: Want<Questions[N]["query"]> | undefined,
  id: number,
): { readonly slot: Slot<N>; readonly effects: readonly SlotEffect[] } {
  const { pending } = slot;
  if (!want) {
    if (!pending) return { slot, effects: [] };
    return { slot: without(slot, "pending"), effects: [{ do: "cancel", id: pending.id }] };
  }
  const effects: SlotEffect[] = [];
  let { overtaken } = slot;
  if (pending) {
    // Of a recording that changed meanwhile, the answer on its way is still newer than what is shown.
    if (sameQuery(pending.query, want.query) || overtaken >= MOST_OVERTAKEN) return { slot, effects };
    effects.push({ do: "cancel", id: pending.id });
    overtaken += 1;
  } else if (isSame(slot.shown, want) || isSame(slot.failed, want)) {
    return { slot, effects };
  }
  effects.push({ do: "ask", slot: name, id, query: want.query });
  return { slot: { ...slot, pending: { ...want, id }, overtaken }, effects };
}

export function isSame<Q>(a: Want<Q> | undefined, b: Want<Q> | undefined): boolean {
  return a !== undefined && b !== undefined && a.version === b.version && sameQuery(a.query, b.query);
}

/** Queries are small and flat; their properties always come in the same order, for one function makes them. */
export function sameQuery(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

// How the program itself gets at heap blocks: the shortest way from its variables over typed pointers, as they stand in memory now.
import type { MemoryReader } from "../bytes.ts";
import { u64, viewOf } from "../bytes.ts";
import type { TypeGraph } from "../dwarf/type-graph.ts";
import type { HeapBlock } from "../heap/heap.ts";
import { elementsIn } from "../types/elements.ts";
import { sizeOf } from "../types/type.ts";
import { throughPointer } from "./words.ts";

/** A variable from which the program gets at memory. */
export interface Root {
  /** As the program calls it. */
  readonly expression: string;
  readonly address: number;
  readonly graph: TypeGraph;
  /** Its place in the graph's table. */
  readonly type: number;
}

/** The way to one block. */
export interface WayTo {
  /** A pointer into the block: "head->next". */
  readonly pointer: string;
  /** Where it leads. */
  readonly address: number;
  readonly graph: TypeGraph;
  /** What it leads to. */
  readonly type: number;
}

export interface SearchedMemory {
  readonly memory: MemoryReader;
  /** The block of the heap that holds an address; undefined where none in use does. */
  blockAt(address: number): HeapBlock | undefined;
}

/** Pointers looked at in one search: beyond that the blocks that are left keep the names they have. */
const MOST_POINTERS = 20_000;
/** Pointers on the way to one block: of a longer way nobody reads the words. */
const MOST_LINKS = 8;
/** Pointers in one variable or block. */
const MOST_SLOTS = 1024;
/** malloc gives up to so many bytes more than it was asked for: what stands there was never the program's. */
const MOST_SLACK = 15;
/** Pointers between two turns. */
const PIECE = 64;

interface Place extends WayTo {
  readonly links: number;
  /** How many of the type lie there, one behind another. */
  readonly count: number;
}

/**
 * Breadth first, so that the shortest way is found. No guess: each way is an expression that leads into the block, evaluated now.
 * @param roots the most telling first. @returns the ways by the blocks' addresses.
 */
export function* waysTo(
  blocks: readonly HeapBlock[],
  roots: Iterable<Root>,
  memory: SearchedMemory,
): Generator<void, ReadonlyMap<number, WayTo>> {
  const found = new Map<number, WayTo>();
  const wanted = new Set(blocks.map(({ address }) => address));
  const seen = new Set<string>();
  const slots = new Slots();
  let looked = 0;
  /** @returns whether all is done. */
  function* follow(from: Omit<Place, "pointer">, path: (i: number, of: string) => string, next: Place[]) {
    const { graph, type, address, count } = from;
    const size = sizeOf(graph.types, type);
    const own = slots.of(graph, type);
    for (let i = 0; i < count && own.length > 0 && i * own.length < MOST_SLOTS; i += 1) {
      for (const slot of own) {
        looked += 1;
        if (looked > MOST_POINTERS) return;
        if (looked % PIECE === 0) yield;
        const bytes = memory.memory.read(address + i * size + slot.offset, 8);
        const value = bytes ? u64(viewOf(bytes), 0) : 0;
        const key = `${value} ${slot.to}`;
        if (value === 0 || value % 1 !== 0 || seen.has(key)) continue;
        seen.add(key);
        const place = placeAt(memory, value, graph, slot.to, path(i, slot.path), from.links + 1);
        if (!place) continue;
        const block = memory.blockAt(value);
        if (block && wanted.delete(block.address)) found.set(block.address, place);
        if (wanted.size === 0) return;
        if (place.links < MOST_LINKS) next.push(place);
      }
    }
  }
  let places: Place[] = [];
  for (const { expression, address, graph, type } of roots) {
    if (wanted.size === 0 || looked > MOST_POINTERS) break;
    const root = { address, graph, type, links: 0, count: 1 };
    yield* follow(root, (_, path) => `${expression}${path}`, places);
  }
  while (places.length > 0 && wanted.size > 0 && looked <= MOST_POINTERS) {
    const next: Place[] = [];
    for (const place of places) {
      yield* follow(place, (i, path) => throughPointer(place.pointer, `[${i}]${path}`), next);
      if (wanted.size === 0 || looked > MOST_POINTERS) break;
    }
    places = next;
  }
  return found;
}

/** @returns undefined where a pointer of that type can't mean what lies there: freed memory, or too few bytes. */
function placeAt(
  memory: SearchedMemory,
  address: number,
  graph: TypeGraph,
  type: number,
  pointer: string,
  links: number,
): Place | undefined {
  const size = sizeOf(graph.types, type);
  const block = memory.blockAt(address);
  if (!block) return memory.memory.read(address, size) && { pointer, address, graph, type, links, count: 1 };
  const room = block.address + block.size - address;
  if (size > room) return undefined;
  const count = block.address === address ? Math.max(1, Math.floor((room - MOST_SLACK) / size)) : 1;
  return { pointer, address, graph, type, links, count };
}

/** A pointer in a type, and what it leads to. */
interface Slot {
  readonly path: string;
  readonly offset: number;
  readonly to: number;
}

/** The pointers in types, each type looked through once. */
class Slots {
  private readonly known = new Map<TypeGraph, Map<number, readonly Slot[]>>();

  of(graph: TypeGraph, type: number): readonly Slot[] {
    let known = this.known.get(graph);
    if (!known) {
      known = new Map();
      this.known.set(graph, known);
    }
    let slots = known.get(type);
    if (!slots) {
      slots = slotsIn(graph, type);
      known.set(type, slots);
    }
    return slots;
  }
}

function slotsIn(graph: TypeGraph, type: number): Slot[] {
  const { types } = graph;
  const slots: Slot[] = [];
  for (const element of elementsIn(types, type, 0, sizeOf(types, type), MOST_SLOTS)) {
    const { path, offset, size, type: at } = element;
    const isPointer = types[at]?.kind === "pointer" && size === 8;
    const to = isPointer ? graph.pointee(at) : undefined;
    if (to !== undefined) slots.push({ path, offset, to });
  }
  return slots;
}

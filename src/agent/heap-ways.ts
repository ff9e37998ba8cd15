// Tells of heap blocks how the program gets there, from its global variables and from the locals that a debugger has told.
import type { TypeGraph } from "../names/dwarf/type-graph.ts";
import type { ElfFile } from "../names/elf/elf-file.ts";
import type { HeapBlock } from "../names/heap/heap.ts";
import type { HeapWay, NamedRange } from "../names/name.ts";
import type { Namer } from "../names/namer.ts";
import { type Root, type WayTo, waysTo } from "../names/paths/search.ts";
import { plainName } from "../names/plain-name.ts";
import { copyType } from "../names/types/copy.ts";
import { sizeOf, type Type } from "../names/types/type.ts";
import type { NamedRoot } from "./names.ts";
import type { ProcessMemory } from "./process-memory.ts";

/** Blocks that one request asks the way to. */
const MOST_BLOCKS = 64;
/** Variables of one file that are looked at. */
const MOST_VARIABLES = 20_000;
/** Items of an array in one block: more are no array that anyone counts. */
const MOST_ITEMS = 2 ** 31;

/** @returns the pieces, those of reached blocks with the way there. Gives way every few dozen pointers. */
export function* withWays(
  named: readonly (readonly NamedRange[])[],
  namer: Namer,
  memory: ProcessMemory,
  types: Type[],
  locals: readonly NamedRoot[],
): Generator<void, NamedRange[][]> {
  const blocks = new Map<number, HeapBlock>();
  for (const { name } of named.flat()) {
    if (name.kind !== "heap" || name.place.kind !== "block" || name.damaged) continue;
    const { block } = name.place;
    if (block.state === "in use" && blocks.size < MOST_BLOCKS) blocks.set(block.address, block);
  }
  if (blocks.size === 0) return named.map(pieces => [...pieces]);
  const roots: Root[] = [];
  const files = namer.programFiles();
  const [program] = files;
  const graph = program?.elf.types.graph;
  if (graph && locals.length > 0) {
    yield* graph.readNames();
    for (const local of locals) roots.push(...localRoot(local, graph));
  }
  for (const { elf, bias } of files) {
    for (const root of variablesOf(elf, bias)) roots.push(root);
    yield;
  }
  const ways = yield* waysTo([...blocks.values()], roots, {
    memory,
    blockAt: address => {
      const place = namer.heapAt(address);
      return place?.kind === "block" && place.block.state === "in use" ? place.block : undefined;
    },
  });
  const told = new Told(types);
  return named.map(pieces =>
    pieces.map(piece => {
      const { name } = piece;
      const way = name.kind === "heap" && name.place.kind === "block" ? ways.get(name.place.block.address) : undefined;
      return way && name.kind === "heap" ? { ...piece, name: { ...name, way: told.way(way, name.place) } } : piece;
    }),
  );
}

/** Of the file's own table; made once, as a program's variables do not move. */
const variables = new WeakMap<TypeGraph, readonly Omit<Root, "graph">[]>();

function variablesOf(elf: ElfFile, bias: number): Root[] {
  const { graph } = elf.types;
  if (!graph) return [];
  let known = variables.get(graph);
  if (!known) {
    const found: Omit<Root, "graph">[] = [];
    let looked = 0;
    for (const address of elf.types.addresses) {
      looked += 1;
      if (looked > MOST_VARIABLES) break;
      const symbol = elf.symbolAt(address);
      if (!symbol || symbol.address !== address || symbol.function) continue;
      const type = graph.ofVariable(address, symbol.size);
      if (type !== undefined) found.push({ expression: plainName(symbol.name), address, type });
    }
    known = found;
    variables.set(graph, known);
  }
  return known.map(root => ({ ...root, address: root.address + bias, graph }));
}

/** None where its type is not one that leads anywhere. */
function localRoot({ expression, type, address }: NamedRoot, graph: TypeGraph): Root[] {
  const match = /^(.*?)\s*((?:\*\s*(?:const)?\s*){0,2})$/.exec(type);
  const stars = match?.[2].replace(/[^*]/g, "").length ?? 0;
  let found = match ? graph.named(match[1]) : undefined;
  for (let i = 0; i < stars && found !== undefined; i += 1) found = graph.pointerTo(found);
  return found === undefined ? [] : [{ expression, address, graph, type: found }];
}

/** Types of graphs in the answer's table. */
class Told {
  private readonly types: Type[];
  private readonly known = new Map<TypeGraph, Map<number, number>>();

  constructor(types: Type[]) {
    this.types = types;
  }

  way({ pointer, address, graph, type }: WayTo, place: { readonly block: HeapBlock } | object): HeapWay {
    const known = this.known.get(graph) ?? new Map<number, number>();
    this.known.set(graph, known);
    const of = copyType(graph.types, type, this.types, known);
    const stride = sizeOf(graph.types, type);
    const block = "block" in place ? place.block : undefined;
    const room = block ? block.address + block.size - address : stride;
    const count = Math.min(MOST_ITEMS, Math.ceil(room / stride));
    this.types.push({ kind: "array", of, count, stride });
    return { pointer, address, type: this.types.length - 1 };
  }
}

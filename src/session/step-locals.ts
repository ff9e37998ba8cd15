// Which locals of the frames on the stack a step changed: asked of the debugger, while the program stands, and put in the place of
// "stack of thread N".

import type { DebugProtocol } from "@vscode/debugprotocol";
import { MOST_ROOTS, type NamedRoot } from "../agent/names.ts";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import type { Asking } from "../debuggers/debugger.ts";
import { type Local, localsOf, sizeOfLocal } from "../debuggers/locals.ts";
import type { NamedRange } from "../names/name.ts";
import { sizeOf, type Type } from "../names/types/type.ts";
import { typeOfText } from "../names/types/type-text.ts";

/** Addresses [start, end). */
export interface Bytes {
  readonly start: number;
  readonly end: number;
}

export interface StackQuestion {
  readonly port: AdapterPort;
  /** How the debugger is asked where an object lies; absent: as in C. */
  readonly asking?: Asking | undefined;
  frames(): Promise<readonly DebugProtocol.StackFrame[]>;
}

/** What the debugger tells of the frames on the stack. */
export interface ToldLocals {
  /** Those that hold some of the changed bytes. */
  readonly changed: readonly Local[];
  /** Those of the innermost frames, from which heap blocks may be reached. */
  readonly roots: readonly NamedRoot[];
}

/** Frames whose locals are asked about for the sake of heap blocks. */
const FRAMES_OF_ROOTS = 3;

/**
 * The locals that hold some of the changed bytes; frames are asked about until each changed piece is known.
 * @param hasBlocks whether heap blocks changed that no global variable leads to.
 * @throws {DapError} the debugger refused; {Cancelled} the program is let go.
 */
export async function localsFor(ask: StackQuestion, stack: readonly Bytes[], hasBlocks: boolean): Promise<ToldLocals> {
  const changed: Local[] = [];
  const roots: NamedRoot[] = [];
  const { port, asking } = ask;
  const left = new Set(stack);
  const scratch: Type[] = [];
  const size = (type: string): number | undefined => {
    const index = typeOfText(type, scratch);
    return index === undefined ? undefined : sizeOf(scratch, index);
  };
  let frames = 0;
  for await (const locals of localsOf({ port, asking, frames: await ask.frames(), sizeOf: size })) {
    frames += 1;
    for (const local of locals) {
      if (hasBlocks && frames <= FRAMES_OF_ROOTS && roots.length < MOST_ROOTS) roots.push(rootOf(local));
      const near = [...left].filter(({ end }) => end > local.address);
      // Nothing changed at it or behind: its size is of no interest.
      if (near.length === 0) continue;
      const bytes = local.size ?? (await sizeOfLocal(ask, local));
      if (bytes === undefined) continue;
      const hit = near.filter(({ start }) => start < local.address + bytes);
      if (hit.length === 0) continue;
      changed.push({ ...local, size: bytes });
      for (const piece of hit)
        if (piece.start >= local.address && piece.end <= local.address + bytes) left.delete(piece);
    }
    if (left.size === 0 && (!hasBlocks || frames >= FRAMES_OF_ROOTS)) break;
  }
  return { changed, roots };
}

/** A caller's local is called as gdb calls it: several frames may have one of that name. */
function rootOf({ name, type, address, depth, function: frame }: Local): NamedRoot {
  return { expression: depth === 0 ? name : `${frame}::${name}`, type, address };
}

/** The pieces with those of the stack cut where locals begin and end, and named by them. @param types gets the locals' types. */
export function withLocals(pieces: readonly NamedRange[], locals: readonly Local[], types: Type[]): NamedRange[] {
  const known = [...locals].sort((a, b) => a.depth - b.depth);
  const found: NamedRange[] = [];
  for (const piece of pieces) {
    if (piece.name.kind !== "stack") {
      found.push(piece);
      continue;
    }
    for (let at = piece.start; at < piece.end; ) {
      const local = known.find(({ address, size = 0 }) => address <= at && at < address + size);
      const next = known.map(({ address }) => address).filter(address => address > at);
      const end = Math.min(piece.end, local ? local.address + (local.size ?? 0) : Math.min(...next, Infinity));
      found.push({ start: at, end, name: local ? nameOf(local, at, types) : aboveBy(piece, at) });
      at = end;
    }
  }
  return found;
}

function nameOf(local: Local, at: number, types: Type[]): NamedRange["name"] {
  const { name, address, size = 0, type: text, depth, function: frame } = local;
  const type = typeOfText(text, types);
  return {
    kind: "symbol",
    symbol: name,
    spelled: name,
    address,
    offset: at - address,
    size,
    function: false,
    file: "",
    // Of the function where it stands nobody need be told whose they are.
    frame: depth === 0 ? undefined : frame,
    type: type !== undefined && sizeOf(types, type) === size ? type : undefined,
  };
}

function aboveBy({ start, name }: NamedRange, at: number): NamedRange["name"] {
  if (name.kind !== "stack" || name.above === undefined) return name;
  return { ...name, above: name.above + at - start };
}

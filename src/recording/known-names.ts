// What a recording without a process can call its memory: the variables that its steps changed, with their types, and mappings.
import { type NamedRange, nameOfMapping } from "../names/name.ts";
import { copyType } from "../names/types/copy.ts";
import type { Type } from "../names/types/type.ts";
import type { Layout } from "../tracker/reports.ts";
import type { WholeObject } from "./changed-names.ts";
import type { RangeNames } from "./memory.ts";
import type { StepList } from "./recording.ts";

export class KnownNames {
  private readonly steps: StepList;
  private readonly layout: Layout | undefined;
  /** By address; where variables of different times overlap, the last one told. */
  private objects: readonly WholeObject[] | undefined;

  /** @param steps that do not change any more. */
  constructor(steps: StepList, layout: Layout | undefined) {
    this.steps = steps;
    this.layout = layout;
  }

  /** Bytes [start, end), cut where names end; at most `most` names. */
  of(start: number, end: number, most: number): RangeNames {
    this.objects ??= objectsOf(this.steps);
    const types: Type[] = [];
    const copied = new Map<WholeObject["types"], number>();
    const pieces: NamedRange[] = [];
    const { objects } = this;
    let next = firstEndingAfter(objects, start);
    for (let at = start; at < end && pieces.length < most; ) {
      const object = objects[next];
      if (!object || object.start > at) {
        const until = Math.min(end, object?.start ?? end);
        const { name, end: mapped } = nameOfMapping(this.layout?.mappings ?? [], at);
        pieces.push({ start: at, end: Math.min(until, mapped), name });
      } else {
        const type = object.types && (copied.get(object.types) ?? copyType(object.types, 0, types, new Map()));
        if (type !== undefined) copied.set(object.types, type);
        pieces.push({ start: at, end: Math.min(end, object.end), name: nameOf(object, at, type) });
        next += 1;
      }
      at = pieces[pieces.length - 1].end;
    }
    return { pieces, types };
  }
}

function nameOf({ name, start, end }: WholeObject, at: number, type: number | undefined): NamedRange["name"] {
  const place = { address: start, offset: at - start, size: end - start };
  return { kind: "symbol", symbol: name, spelled: name, ...place, function: false, file: "", type };
}

function objectsOf(steps: StepList): WholeObject[] {
  const newest = new Map<string, WholeObject>();
  for (const { names } of steps) {
    for (const { object } of names?.changes ?? []) {
      if (!object) continue;
      const key = `${object.start} ${object.end}`;
      // A type may have been read only after the variable's first change.
      if (object.types || newest.get(key)?.name !== object.name) {
        newest.delete(key);
        newest.set(key, object);
      }
    }
  }
  const told = [...newest.values()].map((object, order) => ({ object, order }));
  told.sort((a, b) => a.object.start - b.object.start || b.order - a.order);
  const found: { readonly object: WholeObject; readonly order: number }[] = [];
  for (const each of told) {
    const last = found.at(-1);
    if (!last || last.object.end <= each.object.start) found.push(each);
    else if (each.order > last.order) found[found.length - 1] = each;
  }
  return found.map(({ object }) => object);
}

function firstEndingAfter(objects: readonly WholeObject[], address: number): number {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (objects[middle].end <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

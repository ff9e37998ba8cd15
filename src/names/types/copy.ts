// Copies a type, with all that it is made of, from one table to another.
import type { Type } from "./type.ts";

/** @param known where what was copied before stands in the other table. @returns its place there. */
export function copyType(from: readonly Type[], index: number, to: Type[], known: Map<number, number>): number {
  const before = known.get(index);
  if (before !== undefined) return before;
  // Its place is taken first: what it is made of may lead back to it.
  const at = to.length;
  const type = from[index] ?? { kind: "unknown", name: "?", size: 0 };
  to.push({ kind: "unknown", name: "?", size: 0 });
  known.set(index, at);
  const copy = (other: number): number => copyType(from, other, to, known);
  to[at] = copied(type, copy, from, to);
  return at;
}

function copied(type: Type, copy: (index: number) => number, from: readonly Type[], to: Type[]): Type {
  switch (type.kind) {
    case "array":
      return { ...type, of: copy(type.of) };
    case "record":
      return { ...type, members: type.members.map(member => ({ ...member, type: copy(member.type) })) };
    case "pointer": {
      if (type.to === undefined) return type;
      // Of what a pointer leads to its name alone.
      const target = from[type.to];
      if (!target || target.kind === "pointer" || target.kind === "array") return { ...type, to: copy(type.to) };
      to.push({ kind: "unknown", name: target.name, size: 0 });
      return { ...type, to: to.length - 1 };
    }
    default:
      return type;
  }
}

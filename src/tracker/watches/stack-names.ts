// The name of a stack that watches have split: the kernel calls only that piece [stack] which holds the stack's beginning.
import { findMapping, kindOf, type Mapping } from "../../memory/mapping.ts";

/**
 * The list with the name given back to pieces of a stack that was known as one.
 * @param known an earlier list, with those names. @returns the very list where there is nothing to name.
 */
export function withStackNames(list: readonly Mapping[], known: readonly Mapping[]): readonly Mapping[] {
  const stacks = known.filter(mapping => kindOf(mapping) === "stack");
  const pieceOf = (mapping: Mapping): Mapping | undefined => {
    if (mapping.name !== "" || mapping.inode !== 0) return undefined;
    // By its last page: a stack grows at its lower end.
    return stacks[findMapping(stacks, mapping.end - 1)];
  };
  if (!list.some(mapping => pieceOf(mapping) !== undefined)) return list;
  return list.map(mapping => {
    const stack = pieceOf(mapping);
    return stack ? { ...mapping, name: stack.name } : mapping;
  });
}

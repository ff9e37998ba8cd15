// Expressions of what pointers lead to, in the words of a C program.

/** @param element of an array behind the pointer: "[0].next", "[3]". @returns "head->next", "table[3]", "*count". */
export function throughPointer(pointer: string, element: string): string {
  if (!element.startsWith("[0]")) return `${pointer}${element}`;
  const rest = element.slice(3);
  if (rest.startsWith(".")) return `${pointer}->${rest.slice(1)}`;
  if (rest === "") return `*${pointer}`;
  return `(*${pointer})${rest}`;
}

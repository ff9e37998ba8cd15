// Types of a program's variables, as far as their bytes are told by them: numbers, pointers, arrays, structs.

export type Encoding = "signed" | "unsigned" | "float" | "boolean" | "character" | "other";

/** Sizes, offsets and strides in bytes; types are referred to by their place in a {@link TypeTable}. */
export type Type =
  | { readonly kind: "base"; readonly name: string; readonly size: number; readonly encoding: Encoding }
  /** `to` is absent of a pointer to what is not known: void, a function. */
  | { readonly kind: "pointer"; readonly size: number; readonly to?: number | undefined; readonly reference: boolean }
  | { readonly kind: "enum"; readonly name: string; readonly size: number; readonly values: readonly EnumValue[] }
  | { readonly kind: "array"; readonly of: number; readonly count: number; readonly stride: number }
  | {
      readonly kind: "record";
      /** "struct node", "Circle"; "" for one without a name. */
      readonly name: string;
      readonly size: number;
      readonly union: boolean;
      /** In order of their offsets. */
      readonly members: readonly Member[];
    }
  /** One of which nothing but its size is told. */
  | { readonly kind: "unknown"; readonly name: string; readonly size: number };

export interface EnumValue {
  readonly name: string;
  readonly value: number;
}

export interface Member {
  /** "" for a struct without a name, whose members count as its owner's, and for a base class. */
  readonly name: string;
  readonly offset: number;
  readonly type: number;
  /** Of a bit field: its lowest bit, counted from the lowest of the byte at `offset`, and how many it has. */
  readonly bit?: number | undefined;
  readonly bits?: number | undefined;
}

export type TypeTable = readonly Type[];

/** Types inside types; compilers make a handful, hostile files may make circles. */
export const MOST_DEPTH = 32;

export function sizeOf(types: TypeTable, index: number): number {
  const type = types[index];
  if (type === undefined) return 0;
  return type.kind === "array" ? type.count * type.stride : type.size;
}

/** "int [8]", "struct node *". */
export function typeWords(types: TypeTable, index: number, depth = 0): string {
  const type = types[index];
  if (type === undefined || depth > MOST_DEPTH) return "?";
  switch (type.kind) {
    case "pointer":
      return `${type.to === undefined ? "void" : typeWords(types, type.to, depth + 1)} ${type.reference ? "&" : "*"}`;
    case "array": {
      // Of an array of arrays the outer length stands first.
      const counts: number[] = [];
      let element: Type | undefined = type;
      let at = index;
      while (element?.kind === "array" && counts.length < MOST_DEPTH) {
        counts.push(element.count);
        at = element.of;
        element = types[at];
      }
      return `${typeWords(types, at, depth + 1)} ${counts.map(count => `[${count}]`).join("")}`;
    }
    case "record":
      return type.name || (type.union ? "union" : "struct");
    default:
      return type.name;
  }
}

// Types as a debugger writes them, so far as their bytes follow from the words alone: "int [8]", "char **", "uint32_t".
import type { Encoding, Type } from "./type.ts";

const BASES: Readonly<Record<string, readonly [number, Encoding]>> = {
  char: [1, "character"],
  "signed char": [1, "signed"],
  "unsigned char": [1, "unsigned"],
  bool: [1, "boolean"],
  _Bool: [1, "boolean"],
  short: [2, "signed"],
  "unsigned short": [2, "unsigned"],
  int: [4, "signed"],
  unsigned: [4, "unsigned"],
  "unsigned int": [4, "unsigned"],
  long: [8, "signed"],
  "unsigned long": [8, "unsigned"],
  "long long": [8, "signed"],
  "unsigned long long": [8, "unsigned"],
  float: [4, "float"],
  double: [8, "float"],
  size_t: [8, "unsigned"],
  ssize_t: [8, "signed"],
  int8_t: [1, "signed"],
  uint8_t: [1, "unsigned"],
  int16_t: [2, "signed"],
  uint16_t: [2, "unsigned"],
  int32_t: [4, "signed"],
  uint32_t: [4, "unsigned"],
  int64_t: [8, "signed"],
  uint64_t: [8, "unsigned"],
};

/** Longer ones are none that a person wrote. */
const LONGEST = 200;

/** @param types the table that it is added to. @returns its place there; undefined where the words do not tell all of it. */
export function typeOfText(text: string, types: Type[]): number | undefined {
  const words = text
    .replace(/\b(const|volatile|register|std::)\b/g, " ")
    .replace(/\b(short|long) int\b/g, "$1")
    .replace(/\bstd::/g, "")
    .replace(/\s+/g, " ")
    .trim();
  if (words.length === 0 || words.length > LONGEST) return undefined;
  const array = /^(.*?[^\s[\]]) ?((?:\[\d{1,9}\] ?)+)$/.exec(words);
  if (array) {
    const of = typeOfText(array[1], types);
    if (of === undefined) return undefined;
    let inner = of;
    let stride = bytesOf(types[of]);
    const counts = [...array[2].matchAll(/\d+/g)].map(([count]) => Number(count));
    for (const count of counts.reverse()) {
      inner = add(types, { kind: "array", of: inner, count, stride });
      stride *= count;
    }
    return inner;
  }
  if (/[*&]$/.test(words)) {
    const to = add(types, { kind: "unknown", name: words.slice(0, -1).trim(), size: 0 });
    return add(types, { kind: "pointer", size: 8, to, reference: words.endsWith("&") });
  }
  const base = Object.hasOwn(BASES, words) ? BASES[words] : undefined;
  return base && add(types, { kind: "base", name: words, size: base[0], encoding: base[1] });
}

function add(types: Type[], type: Type): number {
  types.push(type);
  return types.length - 1;
}

function bytesOf(type: Type): number {
  return type.kind === "array" ? type.count * type.stride : type.size;
}

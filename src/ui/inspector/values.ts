// The values that a range of memory has before and after a step, by the types of the variables in it.
import { t } from "../../common/l10n.ts";
import { numberWords } from "../../memory/contents/byte-words.ts";
import { PAGE_SIZE, pageOf } from "../../memory/page.ts";
import type { Name } from "../../names/name.ts";
import { throughPointer } from "../../names/paths/words.ts";
import { type Element, elementsIn } from "../../names/types/elements.ts";
import { typeWords } from "../../names/types/type.ts";
import { valueWords } from "../../names/types/values.ts";
import type { PageView } from "../../recording/contents/page-view.ts";
import type { RangeNames } from "../../recording/memory.ts";
import type { ValueItem } from "../protocol.ts";

/** Values that are told. */
const MOST_VALUES = 64;
/** Elements that are looked through for changed ones. */
const MOST_ELEMENTS = 4096;
/** Sizes of numbers. */
const SIZES = new Set([1, 2, 4, 8]);

/** All values where there are few, else those that changed; of a few bytes without a type what they are as numbers. */
export function valuesOf(
  names: RangeNames | undefined,
  views: readonly PageView[],
  start: number,
  end: number,
): ValueItem[] {
  const memory = new Viewed(views);
  const found: { readonly item: () => ValueItem | undefined; readonly isChanged: boolean }[] = [];
  for (const { start: from, end: to, name } of names?.pieces ?? []) {
    const object = objectOf(name);
    if (!object) continue;
    const { address, type, size, called } = object;
    const elements: readonly Element[] =
      type !== undefined && names
        ? elementsIn(names.types, type, from - address, to - address, MOST_ELEMENTS - found.length)
        : SIZES.has(size)
          ? [{ path: "", offset: 0, size, type: -1 }]
          : [];
    for (const element of elements) {
      const at = address + element.offset;
      found.push({
        isChanged: memory.isChanged(at, element.size),
        item: () => {
          const words = (bytes: Uint8Array | undefined): string =>
            bytes ? (names ? valueWords(names.types, element, bytes) : numberWords(bytes)) : "?";
          const [before, after] = memory.sides(at, element.size);
          if (!before && !after) return undefined;
          return {
            words: called(element.path),
            type: type !== undefined && names ? typeWords(names.types, element.type) : "",
            before: words(before),
            after: words(after),
            isChanged: memory.isChanged(at, element.size),
          };
        },
      });
    }
  }
  const told = found.length > MOST_VALUES ? found.filter(({ isChanged }) => isChanged) : found;
  const values = told.slice(0, MOST_VALUES).flatMap(({ item }) => item() ?? []);
  return values.length > 0 ? values : asNumbers(memory, start, end);
}

/** What has values: a variable, or what lies in a heap block to which the program has a way. */
interface Valued {
  readonly address: number;
  readonly type: number | undefined;
  readonly size: number;
  /** What an element of it is called. */
  called(path: string): string;
}

function objectOf(name: Name): Valued | undefined {
  if (name.kind === "symbol" && !name.function) {
    const { address, type, size, symbol } = name;
    return { address, type, size, called: path => `${symbol}${path}` };
  }
  const way = name.kind === "heap" ? name.way : undefined;
  return way && { ...way, size: 0, called: path => throughPointer(way.pointer, path) };
}

/** Of the size of a number: what it is as one, whichever. */
function asNumbers(memory: Viewed, start: number, end: number): ValueItem[] {
  const size = end - start;
  if (!SIZES.has(size)) return [];
  const [before, after] = memory.sides(start, size);
  if (!before && !after) return [];
  const isChanged = memory.isChanged(start, size);
  const ways: readonly (readonly [string, (bytes: Uint8Array) => string])[] = [
    [t("as a signed number"), bytes => valueWords([base("signed", size)], WHOLE(size), bytes)],
    [t("as an unsigned number"), bytes => valueWords([base("unsigned", size)], WHOLE(size), bytes)],
    ...(size >= 4
      ? ([
          [
            t("as a floating-point number"),
            (bytes: Uint8Array) => valueWords([base("float", size)], WHOLE(size), bytes),
          ],
        ] as const)
      : []),
  ];
  return ways.map(([words, tell]) => ({
    words,
    type: "",
    before: before ? tell(before) : "?",
    after: after ? tell(after) : "?",
    isChanged,
  }));
}

function base(encoding: "signed" | "unsigned" | "float", size: number) {
  return { kind: "base" as const, name: "", size, encoding };
}

const WHOLE = (size: number): Element => ({ path: "", offset: 0, size, type: 0 });

/** Bytes by address, so far as pages were looked at. */
class Viewed {
  private readonly views: ReadonlyMap<number, PageView>;

  constructor(views: readonly PageView[]) {
    this.views = new Map(views.map(view => [view.page, view]));
  }

  isChanged(address: number, size: number): boolean {
    for (let i = 0; i < size; i += 1) {
      const view = this.views.get(pageOf(address + i));
      if (view?.changed[(address + i) % PAGE_SIZE] === 1) return true;
    }
    return false;
  }

  /** Before and after; undefined where a byte is not known. */
  sides(address: number, size: number): readonly [Uint8Array | undefined, Uint8Array | undefined] {
    const read = (side: "before" | "after"): Uint8Array | undefined => {
      const bytes = new Uint8Array(size);
      for (let i = 0; i < size; i += 1) {
        const byte = this.views.get(pageOf(address + i))?.[side][(address + i) % PAGE_SIZE] ?? -1;
        if (byte < 0) return undefined;
        bytes[i] = byte;
      }
      return bytes;
    };
    return [read("before"), read("after")];
  }
}

// Which pages a scan looks for: PAGEMAP_SCAN's masks, in words.
import { Category, type CategoryName, categoryNames } from "./category.ts";

/**
 * As the kernel takes it (Documentation/admin-guide/mm/pagemap.rst): a page matches where, after `inverted` has turned categories round,
 * it has all of `required` and, where that is not 0, one of `anyOf`.
 */
export interface PageQuery {
  readonly required: number;
  readonly anyOf: number;
  readonly inverted: number;
  /** By which categories what is found is told apart. */
  readonly reported: number;
}

const { WPALLOWED, WRITTEN, FILE, PRESENT, SWAPPED, PFNZERO, HUGE, SOFT_DIRTY, GUARD } = Category;

/** What any program's pages are told apart by. */
export const USUAL = WPALLOWED | WRITTEN | FILE | PRESENT | SWAPPED | PFNZERO | HUGE;

/** All that is anywhere: what a scan without further choice looks for. */
export const POPULATED_QUERY: PageQuery = { required: 0, anyOf: PRESENT | SWAPPED, inverted: 0, reported: USUAL };

export interface QueryPreset {
  readonly words: string;
  readonly about: string;
  readonly query: PageQuery;
}

function preset(words: string, about: string, query: Partial<PageQuery>): QueryPreset {
  return { words, about, query: { required: 0, anyOf: 0, inverted: 0, reported: USUAL, ...query } };
}

export const PRESETS: readonly QueryPreset[] = [
  preset("every page", "All that is in memory or in swap, by what it is", POPULATED_QUERY),
  preset("its own pages", "Private memory that it has stored to", {
    required: PRESENT | FILE | PFNZERO,
    inverted: FILE | PFNZERO,
  }),
  preset(
    "present but never written",
    "The page of zeroes where it only read, and files' pages as they are in the file",
    {
      required: PRESENT,
      anyOf: PFNZERO | FILE,
    },
  ),
  preset("swapped out", "Not in memory, but in swap", {
    required: SWAPPED | PRESENT | WPALLOWED,
    inverted: PRESENT | WPALLOWED,
  }),
  preset("huge", "Mapped by huge pages, transparent ones or hugetlb", { required: HUGE | PRESENT }),
  preset("file pages", "Of files and of shared memory", { required: FILE | PRESENT }),
  preset("read, never written", "The shared page of zeroes, which stands where it only read", { required: PFNZERO }),
  preset("guard pages", "Where any access ends the program (MADV_GUARD_INSTALL, Linux 6.16)", {
    required: GUARD,
    reported: USUAL | GUARD,
  }),
  preset("written since the last scan", "Of armed memory", { required: WPALLOWED | WRITTEN, anyOf: PRESENT | SWAPPED }),
  preset("armed and not written", "Of armed memory, since the last scan", {
    required: WPALLOWED | WRITTEN | PRESENT,
    inverted: WRITTEN,
  }),
  preset("soft-dirty", "Written since somebody last wrote 4 to /proc/PID/clear_refs (Linux 6.8)", {
    required: SOFT_DIRTY | PRESENT,
    reported: USUAL | SOFT_DIRTY,
  }),
];

/** What a category says of a page, and what its opposite says. */
export const CATEGORY_WORDS: Readonly<Record<CategoryName, { readonly is: string; readonly isNot: string }>> = {
  WPALLOWED: { is: "armed", isNot: "not armed" },
  WRITTEN: { is: "written", isNot: "not written" },
  FILE: { is: "of a file or shared memory", isNot: "private, of no file" },
  PRESENT: { is: "in memory", isNot: "not in memory" },
  SWAPPED: { is: "swapped out", isNot: "not swapped out" },
  PFNZERO: { is: "the page of zeroes", isNot: "not the page of zeroes" },
  HUGE: { is: "huge", isNot: "not huge" },
  SOFT_DIRTY: { is: "soft-dirty", isNot: "not soft-dirty" },
  GUARD: { is: "a guard page", isNot: "no guard page" },
};

/** One condition on a page. */
export interface CategoryChoice {
  readonly category: CategoryName;
  readonly is: boolean;
}

/**
 * @throws {Error} a category is asked for one way and the other: the kernel turns each round for the whole scan.
 */
export function queryOf(
  required: readonly CategoryChoice[],
  anyOf: readonly CategoryChoice[],
  reported: readonly CategoryName[],
): PageQuery {
  const bits = (choices: readonly CategoryChoice[]): number =>
    choices.reduce((all, { category }) => all | Category[category], 0);
  const every = [...required, ...anyOf];
  // Of memory that is not armed the kernel calls every page written.
  if (every.some(({ category }) => category === "WRITTEN") && !every.some(({ category }) => category === "WPALLOWED")) {
    return queryOf([...required, { category: "WPALLOWED", is: true }], anyOf, reported);
  }
  for (const { category, is } of every) {
    if (!every.some(other => other.category === category && other.is !== is)) continue;
    const words = CATEGORY_WORDS[category];
    throw new Error(
      `A page can't be asked to be "${words.is}" and "${words.isNot}" in one scan: the kernel takes a category one way only. Choose one of them.`,
    );
  }
  return {
    required: bits(required),
    anyOf: bits(anyOf),
    inverted: bits(every.filter(({ is }) => !is)),
    reported: reported.reduce((all, name) => all | Category[name], 0),
  };
}

/** "in memory, not huge; and the page of zeroes or of a file". */
export function queryWords({ required, anyOf, inverted }: PageQuery): string {
  const words = (bits: number): string[] =>
    categoryNames(bits).map(name => CATEGORY_WORDS[name][inverted & Category[name] ? "isNot" : "is"]);
  const parts = [words(required).join(", "), words(anyOf).join(" or ")].filter(part => part !== "");
  return parts.length === 0 ? "any page of a mapping" : parts.join("; and ");
}

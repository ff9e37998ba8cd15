// The form in which changed bytes are kept, sent and written down: one array of bytes a step, an entry a page, ascending.
import { t } from "../../common/l10n.ts";

//
// An entry: how many pages it lies behind the one before, then its head, then what its kind asks for. Numbers are LEB128: seven bits
// a byte, the lowest first, the highest bit where more follow. A run of changed bytes: twice its distance from the end of the run before, or
// from the page's begin, plus one where it is longer than a byte; then, if so, its length less two; then its bytes. A changed int of one
// differing byte takes six bytes in all.

/** The lowest two bits of a head: what is known of the page. The rest of it, from {@link COUNT_SHIFT} on, is a number. */
export const Kind = {
  /** The number is how many runs of bytes changed; each has its bytes before, then after. None: written, with the same bytes. */
  CHANGED: 0,
  /** The same, and before all was zero: runs have their bytes after only. */
  FROM_ZEROES: 1,
  /** What was there before is not known. The reason follows, then the page as it is now, as runs out of zeroes. */
  NOW_ONLY: 2,
  /** Neither before nor after is known. The number is the reason. */
  UNKNOWN: 3,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Bit of a head: changes of earlier steps, which could not be told then, are among these. */
export const JOINED = 4;
/** Bit of a head: some of the bytes may be the debugger's doing. */
export const MIXED = 8;
/** Bit of a head: given back or unmapped, so that nothing is there now; it counts as zeroes. */
export const GONE = 16;
export const COUNT_SHIFT = 5;

/** Why bytes are not known. The order is the form's: new reasons come last. */
export const REASONS = ["not copied", "budget spent", "overtaken", "unreadable", "new mapping", "given back"] as const;
export type Reason = (typeof REASONS)[number];

/** The reasons in words, to end a sentence that begins "its bytes before are not known: ". */
export const REASON_WORDS: Readonly<Record<Reason | "forgotten", string>> = {
  "not copied": t("the page had not been copied when the program wrote it"),
  "budget spent": t("the budget for copies of pages (writewatch.contents.budget) was spent"),
  overtaken: t("the program was let go before the page could be read"),
  unreadable: t("the page can't be read"),
  "new mapping": t("the page came with a new mapping of a file or of shared memory"),
  "given back": t("too much memory was given back at once"),
  forgotten: t("it was forgotten, as the oldest, when the budget for differences was spent"),
};

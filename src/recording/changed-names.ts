// What a step changed, in the words of its program: variables, blocks and stacks rather than pages.
import { counted, grouped } from "../common/counted.ts";
import { t } from "../common/l10n.ts";
import type { TypeTable } from "../names/types/type.ts";

/** A variable as a whole, of which some bytes changed: addresses, half-open. */
export interface WholeObject {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** What its bytes mean: a table of which the first is the variable's own type. The same table for all variables of a type. */
  readonly types?: TypeTable | undefined;
}

/** Changed bytes of one object: a variable, a block of the heap, a thread's stack. */
export interface NamedChange {
  /** Of the first changed byte, and behind the last one. */
  readonly start: number;
  readonly end: number;
  /** Changed bytes in it. */
  readonly bytes: number;
  readonly words: string;
  /** "0 → 1", of a whole variable that is small enough to be a number. */
  readonly value?: string;
  /** A runtime's own account (malloc's, the loader's, the kernel's), and nobody's variable. */
  readonly isNoise: boolean;
  /** The variable, where it is one and its size is known: by its name it is found where no process is. */
  readonly object?: WholeObject;
}

export interface ChangedNames {
  /** In order of their addresses, so far as they were named. */
  readonly changes: readonly NamedChange[];
  /** Runs of changed bytes that were not named: there are too many. */
  readonly unnamed: number;
}

/** How many a line of text takes. */
const TOLD = 3;

/**
 * "node.next: 0x0 → 0x4052a0, counters+68, 2 more": the program's own first; what is a runtime's only where there is nothing else,
 * and then in one quiet word. "" where nothing was named.
 */
export function changedWords({ changes, unnamed }: ChangedNames, most = TOLD): string {
  const own = changes.filter(({ isNoise }) => !isNoise);
  if (own.length === 0 && unnamed === 0) return changes.length > 0 ? t("only bookkeeping") : "";
  const told = own.slice(0, most).map(changeWords);
  const more = own.length - told.length + unnamed;
  const count = grouped(more);
  // Several unnamed runs may lie in one variable.
  const rest = unnamed > 0 ? t("up to {0} more", count) : t("{0} more", count);
  return [...told, ...(more > 0 ? [rest] : [])].join(", ");
}

/** "counters: 0 → 1"; "block of 32 bytes at 0x4052a0 (12 bytes)". */
export function changeWords({ words, value, bytes, end, start }: NamedChange): string {
  if (value !== undefined) return `${words}: ${value}`;
  return bytes === end - start && bytes <= 8 ? words : `${words} (${counted(bytes, "byte")})`;
}

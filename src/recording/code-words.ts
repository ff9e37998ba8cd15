// How what the protocol has as codes is called where it shows: classes of pages, sides of a comparison.
import { t } from "../common/l10n.ts";

const WORDS: Readonly<Record<string, string>> = {
  file: t("file"),
  private: t("private"),
  "zero page": t("zero page"),
  huge: t("huge"),
  swapped: t("swapped"),
  written: t("written"),
};

/** @param name of a class, as recordings and the protocol have it. */
export function classWords(name: string): string {
  return WORDS[name] ?? name;
}

/** Of pages that two brushes wrote. */
export const SIDE_WORDS = { "only here": t("only here"), "only there": t("only there"), both: t("both") } as const;

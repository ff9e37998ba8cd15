// Numbers of things in words.
import { isTranslated, language, t } from "./l10n.ts";

interface Formats {
  readonly of: string;
  readonly numbers: Intl.NumberFormat;
  readonly plurals: Intl.PluralRules;
  /** Of numbers that were asked for: most are small, and asked for again and again. */
  readonly forms: Map<number, Intl.LDMLPluralRule>;
}

const MOST_FORMS = 1000;

let formats: Formats | undefined;

/** Made once a language: Intl takes so long that a list's frame would be felt. */
function inLanguage(): Formats {
  const of = language();
  if (formats?.of !== of)
    formats = { of, numbers: new Intl.NumberFormat(of), plurals: new Intl.PluralRules(of), forms: new Map() };
  return formats;
}

function pluralOf(count: number): Intl.LDMLPluralRule {
  const { forms, plurals } = inLanguage();
  const known = forms.get(count);
  if (known !== undefined) return known;
  const form = plurals.select(count);
  if (forms.size < MOST_FORMS) forms.set(count, form);
  return form;
}

/** "1,234", as the user's language writes it. */
export function grouped(count: number): string {
  return count >= 0 && count < 1000 && Number.isInteger(count) ? String(count) : inLanguage().numbers.format(count);
}

/**
 * "1 page", "2 pages". A language with more forms than two names them in its bundle: "{0} pages (few)", by Intl.PluralRules.
 * @param word a literal, whose plural ends with an s: scripts/l10n.ts gathers both.
 */
export function counted(count: number, word: string): string {
  const form = pluralOf(count);
  if (form === "one") return t(`{0} ${word}`, grouped(count));
  const named = `{0} ${word}s (${form})`;
  return t(isTranslated(named) ? named : `{0} ${word}s`, grouped(count));
}

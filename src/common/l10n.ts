// Words in the user's language: the one way from a sentence in the code to what is shown, in VS Code, in its pages and in the agent.

/** Translations by the English sentence, as l10n/bundle.l10n.LANGUAGE.json holds them. */
export type Bundle = Readonly<Record<string, string>>;

let bundle: Bundle = {};
let numbers = new Intl.NumberFormat("en");
let plurals = new Intl.PluralRules("en");

/**
 * Called once, before the modules that hold sentences are loaded; until then all is English.
 * @param language as VS Code names it ("de", "pt-br"); numbers are written in its way, where Intl knows it.
 */
export function speak(language: string, translations: Bundle): void {
  bundle = translations;
  const known = isLanguage(language) ? language : "en";
  numbers = new Intl.NumberFormat(known);
  plurals = new Intl.PluralRules(known);
}

/**
 * A sentence in the user's language, with values in the places of {0}, {1}.
 * @param sentence a literal: scripts/l10n.ts gathers them from the sources.
 */
export function t(sentence: string, ...values: readonly unknown[]): string {
  return (bundle[sentence] ?? sentence).replace(/\{(\d+)\}/g, (place, index) =>
    index < values.length ? String(values[index]) : place,
  );
}

/** "1,234", in the way of the user's language. */
export function grouped(count: number): string {
  // Intl takes so long that a list's frame is felt.
  return count >= 0 && count < 1000 && Number.isInteger(count) ? String(count) : numbers.format(count);
}

/**
 * "1 page", "2 pages". Languages with more forms than two name them in the bundle: "{0} pages (few)", by Intl.PluralRules.
 * @param word a literal, whose plural ends with an s.
 */
export function counted(count: number, word: string): string {
  const form = plurals.select(count);
  if (form === "one") return t(`{0} ${word}`, grouped(count));
  const named = `{0} ${word}s (${form})`;
  return t(named in bundle ? named : `{0} ${word}s`, grouped(count));
}

function isLanguage(language: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(language).length > 0;
  } catch {
    return false;
  }
}

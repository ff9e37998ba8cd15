// Words in the user's language: the one way from a sentence in the code to what is shown, in VS Code, in its pages and in the agent.

/** Translations by the English sentence, as l10n/bundle.l10n.LANGUAGE.json holds them. */
export type Bundle = Readonly<Record<string, string>>;

let bundle: Bundle = {};
let spoken = "en";

/**
 * Called once, before the modules that hold sentences are loaded; until then all is English.
 * @param language as VS Code names it: "de", "pt-br".
 */
export function speak(language: string, translations: Bundle): void {
  bundle = translations;
  spoken = isKnown(language) ? language : "en";
}

/** The user's language, in which Intl writes numbers and tells plurals apart. */
export function language(): string {
  return spoken;
}

/** What is spoken now, to be handed on to a page or another process. */
export function translations(): Bundle {
  return bundle;
}

export function isTranslated(sentence: string): boolean {
  return sentence in bundle;
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

function isKnown(language: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(language).length > 0;
  } catch {
    return false;
  }
}

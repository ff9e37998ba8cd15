// Sentences in the user's language: all of them can be translated, and numbers and plurals follow the language.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleText, gather, TARGET } from "../../scripts/l10n/gather.ts";
import { repository } from "../../scripts/vscode-host/paths.ts";
import { counted, grouped } from "../../src/common/counted.ts";
import { speak, t } from "../../src/common/l10n.ts";

/** What a person reads is given by these names; its value there is a text with a word in it. */
const READ =
  /(?:\b(?:label|title|name|placeholder|text|tooltip|placeHolder|prompt)|"aria-label"): ["`][^"`]*[A-Za-z]{2,}[^"`]*["`]/g;
/** Codes of classes, and texts that are put together from sentences. */
const NO_WORDS =
  /name: "(?:file|private|zero page|huge|swapped|written)"|: `\$\{|: `0x|: `step-|: `\$\(\$|: `WriteWatch: \$\{/;

describe("The sentences of the extension and its pages", () => {
  afterEach(() => speak("en", {}));

  it("are all in the bundle for translators, and nothing else is: node scripts/l10n.ts", () => {
    assert.equal(readFileSync(TARGET, "utf8"), bundleText(gather()));
  });

  it("are given to the translation where the page or VS Code shows them", () => {
    const files = globSync(["webview/**/*.ts", "src/ui/**/*.ts", "src/report/**/*.ts"], { cwd: repository });
    const untranslated = files.flatMap(file =>
      [...readFileSync(join(repository, file), "utf8").matchAll(READ)]
        .map(([found]) => `${file}: ${found}`)
        .filter(found => !NO_WORDS.test(found)),
    );
    assert.deepEqual(untranslated, []);
  });

  it("are said in the language that is spoken, with values in their places", () => {
    speak("de", { "{0} of {1}": "von {1} die {0}" });
    assert.equal(t("{0} of {1}", 3, "zehn"), "von zehn die 3");
    assert.equal(t("in no bundle"), "in no bundle");
  });

  it("are English in a language that nobody knows", () => {
    speak("no language at all", {});
    assert.equal(counted(1234, "page"), "1,234 pages");
  });

  it("have numbers and plurals of the language", () => {
    speak("pl", {
      "{0} page": "{0} strona",
      "{0} pages (few)": "{0} strony",
      "{0} pages (many)": "{0} stron",
      "{0} pages": "{0} strony",
    });
    assert.deepEqual(
      [1, 2, 5, 12345].map(count => counted(count, "page").replace(/\s/g, " ")),
      ["1 strona", "2 strony", "5 stron", "12 345 stron"],
    );
    speak("de", {});
    assert.equal(grouped(1234567), "1.234.567");
  });
});

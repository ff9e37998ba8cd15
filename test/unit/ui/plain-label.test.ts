// Process names in the list of processes: none may pose as one of our icons.
import assert from "node:assert/strict";
import fc from "fast-check";
import { plainLabel } from "../../../src/ui/plain-label.ts";

/** What VS Code draws as icons in a label, as its iconLabels.ts has it. */
const DRAWN = /(\\)?\$\(([A-Za-z0-9-]+(?:~[A-Za-z]+)?)\)/g;

const icons = (label: string): string[] =>
  [...label.matchAll(DRAWN)].filter(([, escaped]) => !escaped).map(([all]) => all);

describe("A label of other people's words", () => {
  it("draws no icon", () => {
    assert.equal(plainLabel("$(debug-alt) sh"), "\\$(debug-alt) sh");
    assert.equal(plainLabel("$(sync~spin)$(x)"), "\\$(sync~spin)\\$(x)");
  });

  it("is left as it is where nothing in it is an icon", () => {
    for (const text of ["node", "$(", "$HOME (x)", "a\\b", "\\$(known)", "größe", "$()"])
      assert.equal(plainLabel(text), text);
  });

  it("stays on its line, and in its direction", () => {
    assert.equal(plainLabel("a\nb\tc\u202ed"), "a b cd");
  });

  it("draws no icon whatever the words are", () => {
    const piece = fc.constantFrom("$", "(", ")", "\\", "shield", "~", "spin", "-", "\n", "\u202e", " ", "A");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces =>
        assert.deepEqual(icons(plainLabel(pieces.join(""))), []),
      ),
      { numRuns: 3000 },
    );
  });
});

// The launch configuration of a simulated program: what is made of whatever launch.json holds.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { PROFILES } from "../../../src/kernel/simulated/profile.ts";
import { launchOptions } from "../../../src/simulation/adapter/launch.ts";

describe("A launch configuration of a simulated program", () => {
  it("needs no more than the program", () => {
    const options = launchOptions({ program: "a.wsim" });
    assert.deepEqual(
      [options.program, options.stopOnEntry, options.arguments, options.noDebug],
      ["a.wsim", false, [], false],
    );
  });

  it("names the kernels that are simulated, as the manifest offers them", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8"));
    const { kernel } = manifest.contributes.debuggers[0].configurationAttributes.launch.properties;
    assert.deepEqual(
      kernel.enum,
      PROFILES.map(({ name }) => name),
    );
    assert.equal(kernel.enumDescriptions.length, kernel.enum.length);
    assert.equal(launchOptions({ program: "a" }).profile.name, kernel.default);
  });

  for (const [what, given, says] of [
    ["nothing at all", null, /names no "program"/],
    ["a program that is no path", { program: 7 }, /names no "program"/],
    ["a switch that is a word", { program: "a", stopOnEntry: "no" }, /"stopOnEntry" takes true or false, not "no"/],
    ["a seed that is a word", { program: "a", seed: "x" }, /"seed" takes whole numbers, not "x"/],
    ["a seed that is none of the 64 bits", { program: "a", seed: 1e300 }, /"seed" takes whole numbers/],
    ["arguments that are no list", { program: "a", args: "1 2" }, /"args" is a list of whole numbers/],
    ["an argument that is no number", { program: "a", args: [1, {}] }, /"args" takes whole numbers, not \{\}/],
    ["a kernel that is not simulated", { program: "a", kernel: "5.10" }, /"kernel" is .* not "5\.10"/],
  ] as const) {
    it(`is refused with words for it: ${what}`, () => assert.throws(() => launchOptions(given), says));
  }

  it("is used or refused in a sentence that names what is wrong, whatever JSON it holds", () => {
    const names = ["program", "seed", "kernel", "stopOnEntry", "args", "noDebug"];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("a.wsim", "6.18", "7", 7, true, null, []),
      fc.bigInt().map(String),
    );
    const configuration = fc.record(Object.fromEntries(names.map(name => [name, value])), { requiredKeys: [] });
    fc.assert(
      fc.property(fc.oneof(configuration, fc.jsonValue()), given => {
        try {
          const options = launchOptions(given);
          assert.ok(options.program.length > 0);
          assert.deepEqual([typeof options.stopOnEntry, typeof options.noDebug], ["boolean", "boolean"]);
          assert.ok(options.profile);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          assert.ok(error instanceof Error && error.constructor === Error, String(error));
          assert.match(error.message, /"(program|seed|kernel|stopOnEntry|args|noDebug)"/);
          assert.ok(error.message.length < 200, error.message);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

// The program can't tell that it is tracked: same output, same exit code, no call interrupted, no descriptor too many.
import assert from "node:assert/strict";
import { DEBUGGERS } from "../debuggers-here.ts";
import { handWritten } from "./programs.ts";
import { alone, traced } from "./run.ts";

/** Says what a descriptor leads to, which is a matter of who started the program. */
const DIFFERS_BY_NATURE = ["descriptors"];

/**
 * Under a debugger addresses are others, so they are left out. A terminal in between ends lines with "\r\n", and two outputs
 * may come in either order.
 */
function comparable(output: string): string[] {
  return output
    .replaceAll("\r\n", "\n")
    .replaceAll(/0x[0-9a-f]+/g, "0x…")
    .split("\n")
    .sort();
}

function descriptorsIn(output: string): string[] {
  return [...output.matchAll(/^descriptor (\d+) /gm)].map(match => match[1] ?? "");
}

for (const withDebugger of DEBUGGERS) {
  describe(`A program tracked under ${withDebugger}`, function () {
    this.timeout(60_000);

    for (const name of handWritten.filter(program => !DIFFERS_BY_NATURE.includes(program))) {
      it(`prints and returns what it does alone: ${name}`, async () => {
        const [tracked, untracked] = await Promise.all([traced(name, withDebugger), alone(name)]);
        assert.deepEqual(comparable(tracked.output), comparable(untracked.output));
        assert.equal(tracked.exitCode, untracked.exitCode);
      });
    }

    it("sees none of its blocking calls interrupted, and no signal", async () => {
      const { output, exitCode } = await traced("no-interruption", withDebugger);
      assert.match(output, /no call was interrupted/);
      assert.equal(exitCode, 0);
    });

    it("holds no descriptor that it does not hold alone", async () => {
      const [tracked, untracked] = await Promise.all([traced("descriptors", withDebugger), alone("descriptors")]);
      const inherited = descriptorsIn(untracked.output);
      assert.deepEqual(inherited.slice(0, 3), ["0", "1", "2"]);
      assert.deepEqual(descriptorsIn(tracked.output).slice(0, 3), ["0", "1", "2"]);
      assert.deepEqual(
        descriptorsIn(tracked.output).filter(descriptor => !inherited.includes(descriptor)),
        [],
        tracked.output,
      );
    });
  });
}

// Memory chosen by expressions, under real debuggers: the objects' pages are armed and nothing else, and others while it is armed.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pageOf } from "../../src/memory/page.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { WatchedProgram } from "./session.ts";

const PROGRAM = `
static _Alignas(4096) char first[8192];
static _Alignas(4096) char second[8192];
static void both(int i) { first[i] += 1; second[i] += 1; }
int main(void) {
  both(1);
  both(2);
  both(4096);
  both(3);
  both(4);
  return 0;
}
`;

for (const name of DEBUGGERS) {
  describe(`Memory chosen by expressions through ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "writewatch-choose-"));
    let watched: WatchedProgram;
    /** Pages of the two objects that the next line writes. */
    const next = async (): Promise<{ first: number; second: number }> => {
      await watched.request("next");
      await watched.settled();
      const step = watched.steps.at(-1) ?? assert.fail("no step");
      const count = async (expression: string): Promise<number> => {
        const { address, size } = await watched.session.locate(expression);
        return step.written.countIn(pageOf(address), pageOf(address + size));
      };
      const told = { first: await count("first"), second: await count("second") };
      assert.equal(step.written.pageCount, told.first + told.second, "nothing else is armed");
      return told;
    };

    before(async () => {
      const program = compiledText(PROGRAM, "choose", ["-g", "-O0"]);
      const arm = { ...DEFAULT_ARM_OPTIONS, watch: ["=first"] };
      watched = await WatchedProgram.start(name, program, join(folder, "output"), "main", arm);
      await watched.arm();
    });

    after(async () => {
      await watched.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it("is what is armed, and can be changed and taken back while it is", async () => {
      const { session } = watched;
      assert.deepEqual(await next(), { first: 1, second: 0 });
      await session.chooseMemory(["=second"]);
      assert.deepEqual(await next(), { first: 0, second: 1 });
      await assert.rejects(session.chooseMemory(["=secnd"]), /The rule "=secnd" can't be used here\. .*secnd/);
      await assert.rejects(session.chooseMemory(["hep"]), /The rule "hep" names no memory; 'heap' may be meant/);
      assert.deepEqual(
        session.rules.map(({ text }) => text),
        ["=second"],
        "a refused choice changes nothing",
      );
      await session.chooseMemory(["=first", "=second"]);
      assert.deepEqual(await next(), { first: 1, second: 1 });
      await session.undoChoice();
      assert.deepEqual(await next(), { first: 0, second: 1 });
      await session.undoChoice();
      assert.deepEqual(await next(), { first: 1, second: 0 });
      assert.equal(session.canUndoChoice, false);
    });
  });
}

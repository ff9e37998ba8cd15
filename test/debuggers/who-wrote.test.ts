// From a variable to the line that wrote it, under real debuggers: an overflow into the neighbour block, as one would look for it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changedWords } from "../../src/recording/changed-names.ts";
import { writerWords } from "../../src/recording/writer-words.ts";
import { byteWritersOf } from "../../src/recording/writers.ts";
import { DEFAULT_ARM_OPTIONS, DEFAULT_CONTENTS_PAGES } from "../../src/tracker/policy.ts";
import { inspect } from "../../src/ui/inspector/inspect.ts";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { WatchedProgram } from "./session.ts";

const PROGRAM = `#include <stdlib.h>
#include <string.h>
static int counters[32];
static long total;
static void clear(char *text, unsigned long length) { memset(text, 'x', length); }
int main(void) {
  char *name = malloc(24);
  long *price = malloc(24);
  *price = 4711;
  counters[17] = 1;
  total = *price;
  clear(name, 33);
  total = *price;
  counters[17] = 300;
  return 0;
}
`;

for (const name of DEBUGGERS) {
  describe(`Who wrote what, asked through ${name},`, () => {
    const folder = mkdtempSync(join(tmpdir(), "writewatch-who-"));
    let watched: WatchedProgram;
    const who = async (expression: string): Promise<string[]> => {
      const range = await watched.session.locate(expression);
      const { writers } = byteWritersOf(watched.session.recording.steps, range.address, range.address + range.size, 10);
      return writers.map(writer => {
        const { label, detail } = writerWords(writer, range);
        return `${label.replace(/^.*:/, "line ")}: ${detail}`;
      });
    };

    before(async () => {
      const program = compiledText(PROGRAM, "who-wrote", ["-g", "-O0"]);
      const arm = { ...DEFAULT_ARM_OPTIONS, contentsPages: DEFAULT_CONTENTS_PAGES };
      watched = await WatchedProgram.start(name, program, join(folder, "output"), "main", arm);
      await watched.arm();
      // All that can be copied has been, before the first line runs.
      await watched.session.bookToDebugger();
      for (let line = 7; line <= 14; line += 1) {
        await watched.request("next");
        await watched.settled();
      }
    });

    after(async () => {
      await watched.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it("tells the line that wrote past its own block, and the one that meant to", async () => {
      assert.deepEqual(await who("*price"), ["line 12: byte 0: 67 → 78", "line 9: byte 0: 0000 → 6712"]);
    });

    it("tells of an element of a table its own lines only", async () => {
      assert.deepEqual(await who("counters[17]"), ["line 14: byte 0: 0100 → 2c01", "line 10: byte 0: 00 → 01"]);
      assert.deepEqual(await who("counters[16]"), []);
    });

    it("tells each step by the variables that it changed", () => {
      const words = watched.steps.map(step => [step.from?.line, step.names ? changedWords(step.names) : ""]);
      assert.deepEqual(Object.fromEntries(words)[11], "total: 0 → 4711");
      assert.match(Object.fromEntries(words)[10] ?? "", /^counters\[17\]: 0 → 1$/);
      assert.match(Object.fromEntries(words)[9] ?? "", /^block of 24 bytes at 0x[0-9a-f]+: 0000 → 6712$/);
    });

    it("shows a variable before and after any step by its type, with the bytes around it, and the program's text", async () => {
      const { recording } = watched.session;
      const look = async (expression: string, line: number) => {
        const { address, size } = await watched.session.locate(expression);
        const step = watched.steps.find(({ from }) => from?.line === line)?.number;
        assert.ok(step !== undefined);
        const query = { recording: recording.id, step, start: address, end: address + size, count: 100 };
        return inspect(recording, query);
      };
      const values = async (expression: string, line: number): Promise<string[]> =>
        (await look(expression, line))?.values.map(each => `${each.words}: ${each.before} → ${each.after}`) ?? [];
      assert.deepEqual(await values("counters[17]", 10), ["counters[17]: 0 → 1"]);
      assert.deepEqual(await values("counters[17]", 12), ["counters[17]: 1 → 1"]);
      assert.deepEqual(await values("counters[17]", 14), ["counters[17]: 1 → 300"]);
      assert.deepEqual(await values("total", 11), ["total: 0 → 4711"]);
      const table = await look("counters", 14);
      assert.ok(table?.lines.every(({ before, after }) => ![...before, ...after].some(byte => byte < 0)));
      const text = await look("*(char (*)[16])clear", 14);
      assert.match(text?.facts.join(" ") ?? "", /^Code of clear/);
      assert.ok(text?.lines.some(({ after }) => after.every(byte => byte >= 0)));
    });

    it("refuses what names nothing, with the debugger's own words, and what would be a command", async () => {
      await assert.rejects(watched.session.locate("nowhere"), /nowhere/);
      await assert.rejects(watched.session.locate("1 + 1"));
      await assert.rejects(watched.session.locate("total\nkill"), /one line/);
      await assert.rejects(watched.session.locate(" "), /one line/);
      assert.equal(watched.session.status.program, "stopped");
    });
  });
}

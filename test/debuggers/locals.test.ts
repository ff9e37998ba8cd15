// Locals and arguments that a step changed, by their names: of the function that runs, and of those that called it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changedWords } from "../../src/recording/changed-names.ts";
import { DEFAULT_ARM_OPTIONS, DEFAULT_CONTENTS_PAGES } from "../../src/tracker/policy.ts";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { WatchedProgram } from "./session.ts";

const PROGRAM = `extern void *calloc(unsigned long, unsigned long); struct place { int x; long y; };
static void fill(int *into) {
  int here = 7;
  into[2] = here;
}
int main(void) {
  int day = 0;
  int rain[4] = {1, 2, 3, 4};
  char name[8] = "abc";
  struct place point = { 1, 2 };
  day = 3;
  rain[1] = 20;
  name[0] = 'x';
  point.y = 5;
  fill(rain);
  struct node { int value; struct node *next; } *list = calloc(1, sizeof *list);
  list->next = calloc(1, sizeof *list);
  list->next->value = 9;
  list->value = 4;
  return day;
}
`;
/** Lines: where main begins, where it is armed, where it calls, where it returns. */
const [BEGIN, FIRST, CALL, LAST] = [7, 11, 15, 20];

for (const name of DEBUGGERS) {
  describe(`The locals that a step changed, told by ${name},`, () => {
    const folder = mkdtempSync(join(tmpdir(), "writewatch-locals-"));
    let watched: WatchedProgram;

    before(async () => {
      const program = compiledText(PROGRAM, "locals", ["-g", "-O0", "-fno-stack-protector"]);
      const arm = { ...DEFAULT_ARM_OPTIONS, contentsPages: DEFAULT_CONTENTS_PAGES };
      watched = await WatchedProgram.start(name, program, join(folder, "output"), "main", arm, 0, 0);
      for (let line = BEGIN; line < FIRST; line += 1) {
        await watched.request("next");
        await watched.settled();
      }
      await watched.arm();
      await watched.session.bookToDebugger();
      for (let line = FIRST; line < CALL; line += 1) {
        await watched.request("next");
        await watched.settled();
      }
      await watched.request("stepIn");
      await watched.settled();
      for (let line = 3; line <= 4; line += 1) {
        await watched.request("next");
        await watched.settled();
      }
      await watched.request("stepOut");
      await watched.settled();
      for (let line = CALL; line < LAST; line += 1) {
        await watched.request("next");
        await watched.settled();
      }
    });

    after(async () => {
      await watched.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it("are called by their names, with their elements and values", () => {
      const words = new Map(watched.steps.map(step => [step.from?.line, step.names ? changedWords(step.names) : ""]));
      assert.equal(words.get(11), "day: 0 → 3");
      assert.equal(words.get(12), "rain[1]: 2 → 20");
      assert.equal(words.get(13), 'name: "abc" → "xbc"');
      assert.match(words.get(14) ?? "", /^point/);
      assert.match(words.get(3) ?? "", /^here: \S+ → 7$/);
      // cdt-gdb-adapter refuses to tell the locals of any frame but the innermost, and nothing is guessed.
      const ofCaller = name === "gdb" ? "stack of the main thread: 03 → 07" : "rain[2] of main: 3 → 7";
      assert.equal(words.get(4), ofCaller);
    });

    it("lead to heap blocks, which are called as the program gets at them", () => {
      const words = new Map(watched.steps.map(step => [step.from?.line, step.names ? changedWords(step.names) : ""]));
      assert.equal(words.get(18), "list->next->value (heap block of 24 bytes): 0 → 9");
      assert.equal(words.get(19), "list->value (heap block of 24 bytes): 0 → 4");
    });
  });
}

// Real programs under real debuggers: every page is told in the step that wrote it, and no page that nobody wrote.
import assert from "node:assert/strict";
import { DEBUGGERS, EVERY_DEBUGGER } from "../debuggers-here.ts";
import { check } from "./check.ts";
import { checkBytes } from "./check-bytes.ts";
import { randomProgram, seeds, truthful } from "./programs.ts";
import { traced } from "./run.ts";
import { stepsOf } from "./trace-events.ts";
import { parseTruth } from "./truth.ts";

/** Those that differ most, for the debuggers that most suites are not run with. */
const FEW = ["fork", "heap-grows", "second-thread", "shared", randomProgram(1)];

for (const withDebugger of EVERY_DEBUGGER) {
  describe(`A trace with ${withDebugger}`, function () {
    this.timeout(60_000);

    const names = DEBUGGERS.includes(withDebugger) ? [...truthful, ...seeds.map(randomProgram)] : FEW;

    // Two at a time from here on, while the tests wait for them one after another.
    before(() => void names.map(name => traced(name, withDebugger)));

    for (const name of names) {
      it(`tells exactly what each step wrote: ${name}`, async () => {
        const { events, output } = await traced(name, withDebugger);
        const truth = parseTruth(output);
        assert.ok(truth.lines.length > 0, "the program said nothing of what it wrote");
        const verdict = check(stepsOf(events), truth, `${name}.c`);
        assert.deepEqual(verdict.problems, []);
      });

      it(`tells each changed byte in the step that changed it, with its old and new value: ${name}`, async () => {
        const { events, output } = await traced(name, withDebugger);
        const { problems, bytes, unknown } = checkBytes(stepsOf(events), parseTruth(output), `${name}.c`);
        assert.deepEqual(problems, []);
        assert.ok(bytes > 0, "no changed byte was told");
        // Shared memory that was never touched is not read ahead, for that would make pages of it; and memory may come under watch
        // in the very step that first writes it. Of the heap, the stack and the program's data all is known.
        const others = [...unknown.keys()].filter(what => !/^(\/(dev\/zero|memfd:|dev\/shm|tmp)|\[anon\])/.test(what));
        assert.deepEqual(others, []);
      });
    }
  });
}

// When the session asks a debugger that tells one halt by several events.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { BEGINNING } from "../../../src/session/phase.ts";
import { Places } from "../../../src/session/places.ts";
import { Questions } from "../../../src/session/questions.ts";

/** A debugger that writes down when it was asked for a stack trace. */
function debuggerOf(threads: number, placePatience = 0) {
  const asked: { readonly command: string; readonly at: number }[] = [];
  const request = async (command: string): Promise<unknown> => {
    asked.push({ command, at: performance.now() });
    return command === "threads" ? { threads: Array.from({ length: threads }, (_, id) => ({ id, name: "" })) } : {};
  };
  const questions = new Questions(
    { debugType: "lldb-dap", request, onEvent: () => ({ dispose() {} }) },
    { patience: 1000, placePatience, stopsPerThread: () => true },
    () => {},
  );
  return { asked, questions };
}

const STOPPED = { ...BEGINNING, program: "stopped" as const, threadId: 1 };
const whole = new AbortController().signal;

describe("Questions to a debugger that tells a halt thread by thread", () => {
  it("ask where a program of several threads stands only when all have been told", async () => {
    const { asked, questions } = debuggerOf(3);
    questions.onStopped();
    const known = questions.knowPlace(new Places(), STOPPED, whole);
    let last = 0;
    for (let i = 0; i < 3; i += 1) {
      await sleep(15);
      questions.onStopped();
      last = performance.now();
    }
    await known;
    const trace = asked.find(({ command }) => command === "stackTrace");
    assert.ok(trace && trace.at > last, "it was asked while the halt was still being told");
  });

  it("ask a program of one thread at once", async () => {
    const { asked, questions } = debuggerOf(1);
    questions.onStopped();
    await questions.knowPlace(new Places(), STOPPED, whole);
    assert.deepEqual(
      asked.map(({ command }) => command),
      ["threads", "stackTrace"],
    );
  });
});

describe("Questions beside a window that asks by itself", () => {
  it("leave the first word to the window, but after a halt that was over before it asked", async () => {
    const patience = 200;
    const { asked, questions } = debuggerOf(1, patience);
    const delayOfHalt = async (halt: number): Promise<number> => {
      const stopped = performance.now();
      questions.onStopped();
      questions.askForPlace(new Places(), () => ({ ...STOPPED, halts: halt }));
      while (asked.length < 2) await sleep(2);
      const [{ at }] = asked.splice(0);
      return at - stopped;
    };
    assert.ok((await delayOfHalt(1)) >= patience / 2);
    await sleep(patience);
    questions.onLetGo();
    assert.ok((await delayOfHalt(2)) >= patience / 2);

    questions.onStopped();
    questions.onLetGo();
    questions.onStopped();
    questions.askForPlace(new Places(), () => ({ ...STOPPED, halts: 4 }));
    assert.equal(asked.length, 1, "asked at once");
  });
});

// The trace command that stops at writes: its lines, from the break to the program's end.
import assert from "node:assert/strict";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { crowdedPage } from "../programs/crowded-page.ts";
import { SEED } from "../seeds.ts";
import { runTrace } from "./trace-command.ts";

const PROGRAM = `#include <stdlib.h>
static char table[65536] __attribute__((aligned(4096)));
static void store(int i) {
  table[4096 * i + 5] = i;
}
int main(void) {
  table[5] = 1;
  for (int i = 1; i < 4; i += 1) store(i);
  return table[5] + 5;
}
`;

interface Line {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** What differs from one run to the next is told by its kind. */
function stable(line: Line): object {
  const { address, thread, place, stack, ...rest } = line as Line & {
    address: string;
    thread: number;
    place: { line: number; function: string };
    stack: { function: string }[];
  };
  return {
    ...rest,
    address: address.replace(/^0x[0-9a-f]+(?=[0-9a-f]{3}$)/, "0x…"),
    thread: typeof thread,
    place: `${place.function}:${place.line}`,
    stack: stack.slice(0, 2).map(frame => frame.function),
  };
}

for (const name of DEBUGGERS) {
  describe(`A trace that stops at writes, with ${name},`, () => {
    const run = async (...args: string[]) => {
      const program = compiledText(PROGRAM, "stop-trace", ["-g", "-O0"]);
      return runTrace({ args: ["--debugger", name, ...args, "--program", program] });
    };

    it("prints a line of JSON for each write into an object that an expression names", async () => {
      const { exitCode, stdout, stderr } = await run("--json", "--stop-at-write", "table");
      assert.equal(exitCode, 0, stderr);
      const lines = stdout
        .trim()
        .split("\n")
        .map(line => JSON.parse(line) as Line);
      assert.deepEqual(
        lines.map(({ event }) => event),
        ["armed", "watching", "hit", "hit", "hit", "hit", "exited"],
      );
      const zeroes = "0".repeat(2 * 59);
      const hit = (number: number, line: string, stack: string[]): object => ({
        ...{ event: "hit", hit: number, address: "0x…005", thread: "number", by: "store" },
        ...{ place: line, stack, before: lines[number + 1]?.before },
      });
      assert.deepEqual(lines.slice(2, 6).map(stable), [
        { ...hit(1, "main:7", ["main"]), stack: (stable(lines[2] as Line) as { stack: string[] }).stack },
        hit(2, "store:4", ["store", "main"]),
        hit(3, "store:4", ["store", "main"]),
        hit(4, "store:4", ["store", "main"]),
      ]);
      for (const { before } of lines.slice(2, 6)) assert.match(String(before), new RegExp(`^0{${zeroes.length},128}$`));
      assert.deepEqual(Object.keys(lines[2] ?? {}), [
        "event",
        "hit",
        "address",
        "thread",
        "by",
        "place",
        "stack",
        "before",
      ]);
      assert.equal(lines.at(-1)?.exitCode, 6);
    });

    for (const [seed, where] of [
      [SEED, "data"],
      [SEED + 1, "bss"],
      [SEED + 2, "heap"],
    ] as const) {
      it(`tells each line that stores into an object, and no other, where all lines store into its page (${where}, seed ${seed})`, async () => {
        const { text, watched, lines } = crowdedPage(seed, where, 40);
        const program = compiledText(text, `crowded-${where}`, ["-g", "-O0"]);
        const at = `crowded-${where}.c:${text.split("\n").findIndex(line => line.endsWith("// ready")) + 1}`;
        const watch = ["--break", at, "--stop-at-write", watched, "--misses", "step"];
        const { exitCode, stdout, stderr } = await runTrace({
          args: ["--debugger", name, "--json", ...watch, "--program", program],
        });
        assert.equal(exitCode, 0, stderr);
        const hits = stdout
          .trim()
          .split("\n")
          .map(line => JSON.parse(line) as Line & { by: string; stack: { function: string; line: number }[] })
          .filter(({ event }) => event === "hit");
        const told = hits.map(({ stack }) => stack.find(frame => frame.function === "main")?.line);
        assert.deepEqual(
          told.filter((line, i) => line !== told[i - 1]),
          lines,
        );
        assert.ok(hits.every(({ by }) => by === "store"));
      });
    }

    it("lets the program run on after as many as asked for", async () => {
      const { exitCode, stdout, stderr } = await run("--stop-at-write", "table", "--hits", "2");
      assert.equal(exitCode, 0, stderr);
      assert.equal(stdout.match(/Stopped before a write to table/g)?.length, 2);
      assert.match(stdout, /stop-trace\.c:4 store +Stopped before a write to table \(byte 4101\)/);
      assert.match(stdout, /the program ended with exit code 6/);
    });

    it("refuses what names nothing, and runs nothing", async () => {
      const { exitCode, stderr } = await run("--stop-at-write", "nowhere");
      assert.equal(exitCode, 1);
      assert.match(stderr, /nowhere/);
    });

    it("refuses what can't be watched, with the reason", async () => {
      const { exitCode, stderr } = await run("--stop-at-write", "0x10000..0x20000");
      assert.equal(exitCode, 1);
      assert.match(stderr, /0x10000\.\.0x20000 can't be watched: \S/);
    });
  });
}

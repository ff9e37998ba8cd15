// Keys pressed faster than the session works: whatever a step tells, it is what the program did between the stops it claims.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pageOf } from "../../src/memory/page.ts";
import type { Step } from "../../src/recording/step.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { Random } from "../programs/random.ts";
import { SEED } from "../seeds.ts";
import { WatchedProgram } from "./session.ts";

/** Milliseconds from the debugger's stop to the next key. */
const DELAYS = [0, 5, 10, 30, 100];

/** A soak asks for many; a machine's own moods are what is tried here, not the program. */
const KEYS = Number(process.env.WRITEWATCH_KEYS ?? 60);

/** Line FIRST_LINE + k writes page k of the array, and nothing else that is not on the stack. */
const FIRST_LINE = 5;

/** As long as in the window: half of the keys here find one that asks, the others find nobody. */
const PLACE_PATIENCE = 150;

function programOf(lines: number): string {
  const pages = lines + 1;
  const body = Array.from({ length: lines }, (_, k) => `  pages[${k} * 4096] = 1;`).join("\n");
  return `#include <stdio.h>
static volatile char pages[${pages} * 4096L] __attribute__((aligned(4096)));
int main(void) {
  printf("%p\\n", (void *)pages), fflush(stdout);
${body}
  return 0;
}
`;
}

/** What the session told of a run of keys, and where the truth lies. */
interface Pressed {
  readonly steps: readonly Step[];
  /** Page number of the array's first page. */
  readonly firstPage: number;
  /** Stops there were: each the end of one line. */
  readonly stops: number;
}

/**
 * @returns a sentence on everything that is false: a step of stops a..b must tell the pages of the lines run between them, all of
 *   them and no other, and where it names its ends, they are the lines where the program stood then.
 */
function falsehoods({ steps, firstPage, stops }: Pressed): string[] {
  const problems: string[] = [];
  let stop = 0;
  for (const step of steps) {
    const last = stop + step.stops;
    const where = `step ${step.number} (stops ${stop + 1} to ${last}${step.doubts.map(doubt => `, ${doubt}`).join("")})`;
    const inArray = step.written.clip(firstPage, firstPage + stops + 1);
    const told = [...inArray.pairs()].flatMap(([start, end]) =>
      Array.from({ length: end - start }, (_, i) => start + i - firstPage),
    );
    const ran = Array.from({ length: step.stops }, (_, i) => stop + i);
    if (told.join() !== ran.join()) problems.push(`${where} tells pages ${told}, the lines between wrote ${ran}`);
    if (step.from && step.from.line !== FIRST_LINE + stop) {
      problems.push(`${where} is told from line ${step.from.line}, the program stood at ${FIRST_LINE + stop}`);
    }
    if (step.to && step.to.line !== FIRST_LINE + last) {
      problems.push(`${where} is told to line ${step.to.line}, the program stood at ${FIRST_LINE + last}`);
    }
    stop = last;
  }
  if (stop !== stops) problems.push(`the steps claim ${stop} stops, there were ${stops}`);
  return problems;
}

/** Asks what a window asks at a stop, without waiting; a key pressed meanwhile overtakes it. */
function lookAsAWindowDoes({ launched: { client } }: WatchedProgram, threadId: number): void {
  const ask = async (): Promise<void> => {
    await client.request("threads");
    await client.request("stackTrace", { threadId, startFrame: 0, levels: 1 });
    const { stackFrames } = (await client.request("stackTrace", { threadId, startFrame: 0, levels: 20 })) as {
      stackFrames: { id: number }[];
    };
    const { scopes } = (await client.request("scopes", { frameId: stackFrames[0].id })) as {
      scopes: { variablesReference: number }[];
    };
    await client.request("variables", { variablesReference: scopes[0].variablesReference });
  };
  // Refused where the program runs again by then.
  ask().catch(() => {});
}

async function press(watched: WatchedProgram, delay: number, random: Random): Promise<number> {
  const { launched, session } = watched;
  let thread = session.thread ?? 1;
  for (let key = 0; key < KEYS; key += 1) {
    await launched.client.request("next", { threadId: thread });
    const now = await launched.next();
    assert.equal(now.kind, "stopped");
    if (now.kind === "stopped") thread = now.threadId;
    if (random.chance(50)) lookAsAWindowDoes(watched, thread);
    await sleep(delay);
  }
  return KEYS;
}

for (const name of DEBUGGERS) {
  describe(`Keys pressed fast, with ${name}`, function () {
    this.timeout(60_000 + KEYS * 500);
    let folder: string;
    let program: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "writewatch-fast-keys-"));
      program = compiledText(programOf(KEYS + 10), `fast-keys-${KEYS}`, ["-g", "-O0"]);
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    for (const delay of DELAYS) {
      it(`make no step that is false: the next ${delay} ms after each stop`, async () => {
        const output = join(folder, `output-${delay}`);
        const watched = await WatchedProgram.start(name, program, output, "main", DEFAULT_ARM_OPTIONS, PLACE_PATIENCE);
        try {
          // The line that tells where the array is.
          await watched.request("next");
          await watched.arm();
          const stops = await press(watched, delay, new Random(SEED + delay));
          await watched.settled();
          const firstPage = pageOf(Number(readFileSync(output, "utf8")));
          assert.ok(firstPage > 0, "the program did not tell where its array is");
          const steps = [...watched.session.recording.steps];
          assert.deepEqual(falsehoods({ steps, firstPage, stops }), []);
        } finally {
          await watched.close();
        }
      });
    }
  });
}

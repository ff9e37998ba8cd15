// For tests: a program of the gallery of bugs, run as one who looks for its bug runs it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DebuggerName } from "../../src/debuggers/launcher.ts";
import type { Step } from "../../src/recording/step.ts";
import { writerWords } from "../../src/recording/writer-words.ts";
import { byteWritersOf } from "../../src/recording/writers.ts";
import { DEFAULT_ARM_OPTIONS, DEFAULT_CONTENTS_PAGES } from "../../src/tracker/policy.ts";
import { compiled } from "../compile.ts";
import { WatchedProgram } from "./session.ts";

/** As the gallery's own task compiles: the stack protector, which some compilers turn on by themselves, orders a frame otherwise. */
const FLAGS = ["-g", "-O0", "-pthread", "-fno-stack-protector"];
/** More than any of the programs needs: one that never arrives fails. */
const MOST_STEPS = 100;

/** Who wrote a value, as the user reads it, but with the line's text for its number. */
export interface Culprit {
  readonly line: string;
  readonly bytes: string;
  readonly thread: string;
  readonly step: Step;
}

export class Hunt {
  private readonly lines: readonly string[];
  private readonly watched: WatchedProgram;

  private constructor(lines: readonly string[], watched: WatchedProgram) {
    this.lines = lines;
    this.watched = watched;
  }

  /** Runs a program of examples/bugs to the function `location`, and arms there. */
  static async begin(name: DebuggerName, file: string, location: string, outputFile: string): Promise<Hunt> {
    const source = fileURLToPath(new URL(`../../examples/bugs/${file}`, import.meta.url));
    const program = compiled(source, `bug-${file.replace(/\..*/, "")}`, FLAGS);
    const arm = { ...DEFAULT_ARM_OPTIONS, contentsPages: DEFAULT_CONTENTS_PAGES };
    const watched = await WatchedProgram.start(name, program, outputFile, location, arm);
    await watched.arm();
    // All that can be copied has been, before the first line runs.
    await watched.session.bookToDebugger();
    return new Hunt(readFileSync(source, "utf8").split("\n"), watched);
  }

  /** Step Over until the program stands at the one line that has this text. */
  async stepTo(text: string): Promise<void> {
    const found = this.lines.flatMap((line, index) => (line.includes(text) ? [index + 1] : []));
    assert.equal(found.length, 1, `${found.length} lines have ${text}`);
    const { session } = this.watched;
    for (let i = 0; i < MOST_STEPS; i += 1) {
      const { kind } = await this.watched.request("next");
      assert.equal(kind, "stopped");
      await this.watched.settled();
      if (session.location?.line === found[0]) return;
    }
    assert.fail(`${MOST_STEPS} steps did not come to ${text}: the last one ended at ${session.location?.line}`);
  }

  /** All steps that changed it, the newest first. */
  async whoWrote(expression: string): Promise<Culprit[]> {
    const { session } = this.watched;
    const range = await session.locate(expression);
    const { writers, hasMore } = byteWritersOf(session.recording.steps, range.address, range.address + range.size, 100);
    assert.equal(hasMore, false);
    return writers.map(writer => ({
      line: this.lineOf(writer.step),
      bytes: writerWords(writer, range).detail,
      thread: writer.step.thread?.name ?? `thread ${writer.step.thread?.id}`,
      step: writer.step,
    }));
  }

  get steps(): readonly Step[] {
    return this.watched.steps;
  }

  /** The text of the line that a step ran. */
  lineOf({ from }: Step): string {
    return this.lines[(from?.line ?? 0) - 1]?.trim() ?? "no line";
  }

  close(): Promise<void> {
    return this.watched.close();
  }
}

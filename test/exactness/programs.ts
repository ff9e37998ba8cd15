// The programs of the suite: hand-written ones, random ones by seed, and their compilation.
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { generate } from "../programs/generate.ts";
import { seedsOr } from "../seeds.ts";
import { limited } from "./limited.ts";

const run = promisify(execFile);

const repository = path.resolve(import.meta.dirname, "../..");
const sources = path.join(repository, "test/programs");
const built = path.join(repository, ".cache/exactness");

export interface Program {
  /** "global", "random-17". */
  readonly name: string;
  /** Base name of its source file, as the trace's places name it. */
  readonly source: string;
  readonly path: string;
}

/** Programs that say what they write; the rest show that nothing disturbs them. */
const WITHOUT_TRUTH = ["descriptors", "exit-code", "no-interruption"];

export const handWritten = readdirSync(sources)
  .filter(file => file.endsWith(".c"))
  .map(file => path.basename(file, ".c"));

export const truthful = handWritten.filter(name => !WITHOUT_TRUTH.includes(name));

export const seeds = seedsOr(Array.from({ length: 50 }, (_, i) => i + 1));

/** -O0 and no other cleverness, so that each source line is what the processor does; the warnings are for us. */
const FLAGS = ["-D_GNU_SOURCE", "-g", "-O0", "-pthread", "-Wall", "-Wextra", "-Wno-unused", "-Werror"];

const atMostTwo = limited(2);
const programs = new Map<string, Promise<Program>>();

/** @param selfChecking the program also watches itself (test/programs/self-check.h). */
export function compiled(name: string, selfChecking = false): Promise<Program> {
  const key = selfChecking ? `${name}-self-checking` : name;
  let program = programs.get(key);
  if (!program) {
    program = atMostTwo(() => compile(name, key, selfChecking));
    programs.set(key, program);
  }
  return program;
}

export function randomProgram(seed: number): string {
  return `random-${seed}`;
}

async function compile(name: string, key: string, selfChecking: boolean): Promise<Program> {
  await mkdir(built, { recursive: true });
  const seed = /^random-(\d+)$/.exec(name)?.[1];
  const source = seed === undefined ? path.join(sources, `${name}.c`) : path.join(built, `${name}.c`);
  if (seed !== undefined) await writeFile(source, generate(Number(seed)));
  const executable = path.join(built, key);
  const defines = selfChecking ? ["-DSELF_CHECK"] : [];
  await run("gcc", [...FLAGS, ...defines, "-I", sources, source, "-o", executable]);
  return { name, source: path.basename(source), path: executable };
}

// Programs that nobody here wrote, stopped anywhere: a copy of their memory, kept up by the reported pages alone, is their memory.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { DebuggerName } from "../../src/debuggers/launcher.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { Random } from "../programs/random.ts";
import { SEED } from "../seeds.ts";
import { Mirror } from "./mirror.ts";
import { Past } from "./past.ts";
import { descriptorsOf, ProcessMemory, registeredMappings } from "./process-files.ts";
import { type ForeignProgram, type Prepared, programs } from "./programs.ts";
import { Rebuilt } from "./rebuilt.ts";
import { Walk } from "./walk.ts";
import { WatchedProgram } from "./watched.ts";

const STOPS = Number(process.env.WRITEWATCH_STOPS ?? 25);
const OUTPUT = "output";

/** What a run under a debugger came to. */
interface Account {
  /** Writes that nobody told, a sentence each. */
  readonly lost: readonly string[];
  /** Bytes that are not what the first copy and the told bytes make them, a sentence each. */
  readonly off: readonly string[];
  /** How many bytes were told to have changed. */
  readonly bytes: number;
  /** Pages of past stops that the recording tells otherwise than they were, a sentence each. */
  readonly misremembered: readonly string[];
  /** What was compared, in words. */
  readonly figures: string;
  readonly stops: number;
  readonly exitCode: number;
  /** What the program should have done and did not. */
  readonly unfinished: readonly string[];
  readonly descriptors: { readonly before: readonly string[]; readonly armed: readonly string[] };
  readonly atTheEnd: { readonly before: readonly string[]; readonly disarmed: readonly string[] };
  /** Mappings registered with a userfaultfd after disarming. */
  readonly registered: readonly string[];
}

async function watch(name: DebuggerName, prepared: Prepared, folder: string, random: Random): Promise<Account> {
  const watched = await WatchedProgram.start(name, { ...prepared, folder }, join(folder, OUTPUT));
  let memory: ProcessMemory | undefined;
  try {
    prepared.begin?.();
    const walk = new Walk(watched, prepared, random);
    assert.ok(await walk.pauseAfter(random.between(100, 300)), "it has ended before it was armed");
    const known = watched.pid;
    const before = known === undefined ? [] : descriptorsOf(known);
    await watched.arm();
    const pid = watched.pid ?? 0;
    const armed = known === undefined ? [] : descriptorsOf(pid);
    memory = new ProcessMemory(pid);
    const mirror = new Mirror(memory);
    mirror.copy(watched.armed);
    const rebuilt = new Rebuilt(memory);
    rebuilt.copy(watched.armed);
    const past = new Past(memory, new Random(SEED));
    const off: string[] = [];
    const lost: string[] = [];
    let stops = 0;
    while (stops < STOPS && lost.length + off.length === 0) {
      const way = await walk.toNextStop();
      if (!way) throw new Error(`it has ended after ${stops} stops: give it more to do`);
      stops += 1;
      const told = await watched.newlyTold();
      off.push(...rebuilt.check(told.steps, told).map(what => `stop ${stops}, by ${way}: ${what}`));
      lost.push(...mirror.check(told).map(what => `stop ${stops}, by ${way}: ${what}`));
      past.keep(told);
    }
    const atEnd = descriptorsOf(pid);
    const last = await watched.lastWords();
    off.push(...rebuilt.check(last.steps, last), ...rebuilt.unexplained);
    lost.push(...mirror.check(last), ...mirror.unreported);
    const remembered = await past.check(watched.recording);
    const figures =
      `${stops} stops, ${rebuilt.compared} pages compared, ${rebuilt.told.bytes} changed bytes told, ` +
      `${rebuilt.told.unknown} pages before unknown; ${remembered.known} of ${remembered.of} past pages known`;
    await watched.disarm();
    const disarmed = descriptorsOf(pid);
    const registered = registeredMappings(pid);
    await walk.clearBreakpoints();
    await watched.run();
    const unfinished = (await prepared.finish?.()) ?? [];
    const exitCode = await ended(watched);
    return {
      lost,
      off,
      bytes: rebuilt.told.bytes,
      misremembered: remembered.wrong,
      figures,
      stops,
      unfinished,
      exitCode,
      descriptors: { before, armed },
      atTheEnd: { before: atEnd, disarmed },
      registered,
    };
  } finally {
    memory?.close();
    prepared.end?.();
    await watched.close();
  }
}

/** @returns the exit code; a stop on the way is a late one, of a pause. */
async function ended(watched: WatchedProgram): Promise<number> {
  for (;;) {
    const now = await watched.happening();
    if (!now) throw new Error("the program does not end");
    if (now.kind === "ended") return now.exitCode;
    await watched.run();
  }
}

/** What it comes to with nobody watching; no output where that is another each time. */
interface End {
  readonly exitCode: number | null;
  readonly output: string | undefined;
}

const ends = new Map<ForeignProgram, Promise<End>>();

/** Run once, for all debuggers. */
function endAlone(program: ForeignProgram): Promise<End> {
  const end = ends.get(program) ?? inFolder(program, alone);
  ends.set(program, end);
  return end;
}

async function alone(prepared: Prepared, folder: string): Promise<End> {
  const child = spawn(prepared.path, prepared.args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const exitCode = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  prepared.begin?.();
  const unfinished = (await prepared.finish?.()) ?? [];
  assert.deepEqual(unfinished, []);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { output: prepared.hasVaryingOutput ? undefined : output + errors, exitCode: await exitCode };
}

async function inFolder<T>(
  program: ForeignProgram,
  work: (prepared: Prepared, folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "writewatch-foreign-"));
  try {
    return await work(program.prepare(folder), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const name of DEBUGGERS) {
  describe(`Others' programs under ${name}: the first copy and the reported pages are the memory`, function () {
    this.timeout(120_000 + STOPS * 1000);

    for (const [i, program] of programs.entries()) {
      if (program.debuggers && !program.debuggers.includes(name)) continue;
      it(`of ${program.name}, at ${STOPS} stops; it ends as it would have`, async () => {
        const random = new Random(SEED * 100 + i);
        const { account, output } = await inFolder(program, async (prepared, folder) => ({
          account: await watch(name, prepared, folder, random),
          output: readFileSync(join(folder, OUTPUT), "latin1"),
        }));
        assert.deepEqual(account.off, []);
        assert.ok(account.bytes > 0, "no changed byte was told");
        assert.deepEqual(account.misremembered, []);
        if (process.env.WRITEWATCH_STOPS) console.log(`      ${account.figures}`);
        assert.deepEqual(account.lost, []);
        assert.equal(account.stops, STOPS, "the program has ended too early");
        assert.deepEqual(account.descriptors.armed, account.descriptors.before, "descriptors after arming");
        assert.deepEqual(account.atTheEnd.disarmed, account.atTheEnd.before, "descriptors after disarming");
        assert.deepEqual(account.registered, [], "registered after disarming");
        assert.deepEqual(account.unfinished, []);
        const expected = await endAlone(program);
        assert.equal(account.exitCode, expected.exitCode);
        if (expected.output !== undefined) assert.equal(output, expected.output);
      });
    }
  });
}

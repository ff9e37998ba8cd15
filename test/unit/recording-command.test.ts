// trace --record and the recording command: what was traced is answered again from the file alone.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const traceCommand = fileURLToPath(new URL("../../src/trace/main.ts", import.meta.url));
const recordingCommand = fileURLToPath(new URL("../../src/trace/recording/main.ts", import.meta.url));

const PROGRAM = `fn main() {
  let memory = mmap(2 pages)
  memory[8] = 7
  memory[8] = 9
  memory[page] = 1
  memory[8] = 11
}
`;

interface Told {
  readonly event: string;
  readonly step?: number;
  readonly bytes?: string | null;
  readonly changed?: readonly { readonly address: string; readonly after: string }[];
  readonly changes?: readonly { readonly address: string; readonly before: string; readonly after: string }[];
}

describe("The recording command", () => {
  let folder: string;
  let file: string;
  let traced: string[];
  let address: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-recording-"));
    const program = join(folder, "program.wsim");
    file = join(folder, "run.writewatch");
    writeFileSync(program, PROGRAM);
    const { stdout, stderr } = run(traceCommand, "--simulate", program, "--json", "--record", file);
    assert.ok(existsSync(file), stderr);
    traced = stdout.split("\n").filter(line => line.includes('"event":"step"'));
    const seven = traced
      .flatMap(line => (JSON.parse(line) as Told).changed ?? [])
      .find(({ after }) => after.startsWith("07"));
    assert.ok(seven, stdout);
    address = seven.address;
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (command: string, ...args: string[]) =>
    spawnSync(process.execPath, [command, ...args], { encoding: "utf8" });
  const ask = (...args: string[]) => run(recordingCommand, file, ...args);
  const told = (...args: string[]): Told[] => {
    const { stdout, stderr, status } = ask(...args, "--json");
    assert.equal(status, 0, stderr);
    return stdout
      .trim()
      .split("\n")
      .map(line => JSON.parse(line));
  };

  it("gives back the steps as they were traced", () => {
    assert.deepEqual(ask("steps", "--json").stdout.trim().split("\n"), traced);
    const { step } = JSON.parse(traced[2]) as Told;
    assert.equal(ask("step", String(step), "--json").stdout.trim(), traced[2]);
  });

  it("tells who wrote some bytes, the newest first", () => {
    const writers = told("who", `${address}+1`).filter(({ event }) => event === "writer");
    assert.deepEqual(
      writers.map(({ changes }) => changes?.map(({ before, after }) => [before, after])),
      [[["09", "0b"]], [["07", "09"]], [["00", "07"]]],
    );
    assert.match(ask("who", `${address}+1`).stdout, /program\.wsim:6 +09 → 0b +\(main/);
  });

  it("tells bytes as they were after each step", () => {
    const values = traced.map(line => {
      const { step } = JSON.parse(line) as Told;
      return told("at", String(step), `${address}+1`)[0].bytes;
    });
    assert.deepEqual(values.slice(-4), ["07", "09", "09", "0b"]);
    assert.match(ask("at", "3", `${address}+8`).stdout, /^0x[0-9a-f]+: 09 00 00 00 00 00 00 00/);
  });

  it("says in words what it can't answer, and ends with 1; of a question that is none with 2", () => {
    const cases: readonly [readonly string[], number, RegExp][] = [
      [["who", "no_such_name"], 1, /'no_such_name' is not known to the recording.*Give an address/],
      [["who", "0x10+0"], 1, /range of no bytes/],
      [["step", "99"], 1, /There is no step 99: the recording has 1 to \d/],
      [["at", "99", "0x10"], 1, /There is no step 99/],
      [["at", "1", "0x10+99999999"], 1, /At most 1,048,576 bytes/],
      [["step", "x"], 2, /'x' is no step's number/],
      [["step"], 2, /step needs a step's number/],
      [["who", "a", "b"], 2, /who takes no b/],
      [["what"], 2, /There is no question 'what'/],
      [[], 2, /What to ask is missing/],
    ];
    for (const [args, code, words] of cases) {
      const { status, stderr } = ask(...args);
      assert.deepEqual([status, words.test(stderr)], [code, true], stderr);
    }
  });

  it("opens what is there of a file that is cut off, and says so", () => {
    const cut = join(folder, "cut.writewatch");
    writeFileSync(cut, readFileSync(file).subarray(0, -30));
    const { status, stderr } = run(recordingCommand, cut, "steps");
    assert.match(stderr, /not whole|can't be opened/);
    assert.ok(status === 0 || status === 1);
  });

  it("refuses what is no recording", () => {
    const other = join(folder, "program.wsim");
    assert.match(run(recordingCommand, other, "steps").stderr, /program\.wsim can't be opened: it is no recording/);
    assert.match(run(recordingCommand, folder, "steps").stderr, /can't be opened: it is no file/);
  });

  it("says before it runs anything that a recording can't be written there", () => {
    const { status, stdout, stderr } = run(
      ...([traceCommand, "--simulate", join(folder, "program.wsim"), "--record", join(folder, "no", "where")] as const),
    );
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /The recording can't be written: .*Give --record another file/);
  });
});

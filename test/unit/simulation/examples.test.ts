// The examples: what they print is what their pages say (WRITEWATCH_UPDATE_EXAMPLES=1 writes it there), with and without
// WriteWatch looking on, and is true to the stories they tell.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Machine } from "../../../src/kernel/simulated/machine.ts";
import { LINUX_6_7, LINUX_6_18 } from "../../../src/kernel/simulated/profile.ts";
import { run } from "./programs.ts";

const UPDATES = process.env.WRITEWATCH_UPDATE_EXAMPLES === "1";
const folder = fileURLToPath(new URL("../../../examples/simulated/", import.meta.url));
const command = fileURLToPath(new URL("../../../src/trace/main.ts", import.meta.url));
const PLAIN = "What it prints";
const ARMED = "With WriteWatch armed";
/** A program that is read as a story has no more lines. */
const MOST_LINES = 95;

interface Step {
  readonly event: string;
  readonly from?: { readonly line: number };
  readonly written?: readonly { readonly pages: number; readonly mapping: string }[];
  readonly exitCode?: number;
}

/** All numbers of the one line that the words begin. */
function numbersAfter(output: string, words: string): number[] {
  const lines = output.split("\n").filter(line => line.startsWith(words));
  assert.equal(lines.length, 1, `"${words}" begins one line`);
  return [...(lines[0] ?? "").matchAll(/\b\d+\b/g)].map(Number);
}

function linesWith(output: string, words: string): string[] {
  return output.split("\n").filter(line => line.includes(words));
}

/** The regions listed below a title: "5 small, clean". */
function regionsUnder(output: string, title: string): string[] {
  const lines = output.split("\n");
  const after = lines.slice(lines.indexOf(title) + 1);
  const listed = after.slice(
    0,
    after.findIndex(line => !line.startsWith("  ")),
  );
  return listed.map(line => {
    const [, first, last, kind] = /pages (\d+) to (\d+) (.*)/.exec(line) ?? [];
    return `${Number(last) - Number(first) + 1} ${kind}`;
  });
}

/** What must hold of each example's output, however it is printed. */
const STORIES: Readonly<Record<string, (output: string) => void>> = {
  "write-watch"(output) {
    for (const line of linesWith(output, "frame")) {
      const [frame = 0, moved = 0, drawn = 0] = [...line.matchAll(/\d+/g)].map(Number);
      assert.deepEqual([moved, drawn], [frame + 1, frame + 1], line);
    }
    assert.equal(linesWith(output, "frame").length, 4);
    assert.deepEqual(numbersAfter(output, "asked:"), [1, 1, 0]);
    assert.deepEqual(numbersAfter(output, "in two steps:"), [1, 0, 20]);
    assert.deepEqual(numbersAfter(output, "in one step:"), [1, 1, 21]);
  },
  "pre-dump"(output) {
    const rounds = linesWith(output, "copies").map(line => Number(/copies (\d+)/.exec(line)?.[1]));
    assert.equal(rounds[0], 256);
    assert.ok(rounds.length >= 4, "rounds");
    for (const [i, pages] of rounds.entries()) assert.ok(i === 0 || pages < (rounds[i - 1] ?? 0), `round ${i + 1}`);
    const [last = 256] = numbersAfter(output, "stopped for");
    assert.ok(last <= 8 && last < (rounds.at(-1) ?? 0));
    assert.ok(output.endsWith("the image is complete\n"));
  },
  "sparse-shadow"(output) {
    const found = linesWith(output, "ranges,").map(line =>
      /: (\d+) ranges, (\d+) pages/.exec(line)?.slice(1).map(Number),
    );
    assert.deepEqual(found.slice(0, 3), [
      [0, 0],
      [3, 41],
      [3, 41],
    ]);
    // Three leaf tables, two directories for each of three places, but what they share.
    assert.deepEqual(numbersAfter(output, "page tables"), [9]);
    assert.deepEqual(numbersAfter(output, "read page by page"), [32]);
    const [ranges = 0, pages = 0] = found[3] ?? [];
    assert.ok(ranges > 3 && ranges < 10 && pages < 60, "the program's own data and stack, too");
  },
  "live-snapshot"(output) {
    assert.deepEqual(numbersAfter(output, "plainly:"), [0, 4096]);
    const faults = linesWith(output, "pages protected").map(line => [...line.matchAll(/\d+/g)].map(Number));
    assert.deepEqual(
      faults,
      [4096, 4096, 0, 8, 8, 0].map(count => [count, 4096]),
    );
    assert.deepEqual(
      linesWith(output, "page tables").map(line => Number(/\d+/.exec(line)?.[0])),
      [9, 9, 9, 9, 9, 9],
    );
    assert.deepEqual(
      linesWith(output, "first store").map(line => Number(/\d+/.exec(line)?.[0])),
      [1, 1, 2, 1, 1, 2],
    );
  },
  "huge-page-split"(output) {
    const [before, one, two, joined] = [
      "protected:",
      "after one store:",
      "after another:",
      "watched no more, and joined:",
    ].map(title => regionsUnder(output, title));
    assert.deepEqual(before, ["512 huge, clean"]);
    assert.deepEqual(one, ["5 small, clean", "1 small, written", "506 small, clean"]);
    assert.deepEqual(
      two?.filter(region => region.endsWith("written")),
      ["1 small, written", "1 small, written"],
    );
    assert.deepEqual(joined, ["512 huge, written"]);
  },
  "stray-store"(output) {
    assert.deepEqual(numbersAfter(output, "4 tellers"), [4, 10_000]);
    assert.deepEqual(numbersAfter(output, "in the vault:"), [31, 1_000_000]);
  },
  "soft-dirty"(output) {
    assert.deepEqual(numbersAfter(output, "soft-dirty:"), [1, 1]);
    assert.deepEqual(numbersAfter(output, "the game resets"), [0]);
    assert.deepEqual(numbersAfter(output, "a new level"), [16, 16]);
    assert.deepEqual(numbersAfter(output, "the same level"), [16, 16]);
    assert.deepEqual(numbersAfter(output, "PAGEMAP_SCAN: untouched"), [0, 0]);
    assert.deepEqual(numbersAfter(output, "the game wrote"), [1]);
    assert.deepEqual(numbersAfter(output, "the editor wrote"), [1]);
  },
};

const names = Object.keys(STORIES);
const sourceOf = (name: string): string => readFileSync(join(folder, `${name}.wsim`), "utf8");
const kernelOf = (name: string): "6.7" | "6.18" => (name === "soft-dirty" ? "6.7" : "6.18");

/** As without a debugger. */
function plainOutput(name: string, kernel = kernelOf(name)): string {
  const { output, code, fault } = run(sourceOf(name), {
    machine: new Machine(kernel === "6.7" ? LINUX_6_7 : LINUX_6_18),
  });
  assert.equal(fault?.message, undefined);
  assert.equal(code, 0);
  return output;
}

/** The text blocks of a page's section. */
function block(page: string, title: string): RegExpExecArray | null {
  return new RegExp(`(\n## ${title}\n(?:(?!\n## )[^])*?\n\`\`\`text\n)([\\s\\S]*?)(\`\`\`)`).exec(page);
}

function checkBlock(name: string, title: string, output: string): void {
  const file = join(folder, `${name}.md`);
  const page = readFileSync(file, "utf8");
  const found = block(page, title);
  assert.ok(found, `${name}.md has a text block under "${title}"`);
  const [whole, before = "", golden, after = ""] = found;
  if (UPDATES)
    writeFileSync(
      file,
      page.replace(whole, () => `${before}${output}${after}`),
    );
  else assert.equal(golden, output, `${name}.md tells what is printed; WRITEWATCH_UPDATE_EXAMPLES=1 writes it anew`);
}

describe("The examples of simulated programs", () => {
  let temporary: string;

  before(() => {
    temporary = mkdtempSync(join(tmpdir(), "writewatch-examples-"));
  });

  after(() => rmSync(temporary, { recursive: true, force: true }));

  /** As stepped over line by line, armed. */
  function trace(name: string): { output: string; steps: Step[] } {
    const file = join(temporary, `${name}.txt`);
    const program = join(folder, `${name}.wsim`);
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [command, "--simulate", program, "--kernel", kernelOf(name), "--json", "--output", file],
      { encoding: "utf8" },
    );
    assert.notEqual(stdout, "", stderr);
    const steps = stdout
      .trim()
      .split("\n")
      .map((line): Step => JSON.parse(line));
    assert.deepEqual(steps.at(-1), { event: "exited", exitCode: 0 });
    return { output: readFileSync(file, "utf8"), steps };
  }

  /** Pages of a kind of mapping that the steps from a line of the program wrote. */
  function pagesFrom(name: string, steps: readonly Step[], text: string, mapping: string): number[] {
    const line = sourceOf(name).split("\n").indexOf(text) + 1;
    assert.ok(line > 0, text);
    return steps
      .filter(step => step.from?.line === line)
      .map(({ written = [] }) =>
        written.filter(one => one.mapping.includes(mapping)).reduce((pages, one) => pages + one.pages, 0),
      );
  }

  for (const name of names) {
    it(`${name} prints what its page says, and that is its story`, () => {
      const output = plainOutput(name);
      checkBlock(name, PLAIN, output);
      STORIES[name]?.(output);
    });

    it(`${name} prints the same while WriteWatch looks on, stop by stop, unless its page says otherwise`, () => {
      const { output } = trace(name);
      if (block(readFileSync(join(folder, `${name}.md`), "utf8"), ARMED)) {
        checkBlock(name, ARMED, output.split("\n").slice(-3).join("\n"));
      } else {
        assert.equal(output, plainOutput(name));
      }
    }).timeout(20_000);

    it(`${name} has a page that quotes it and links to what there is, and a line in the reference`, () => {
      const page = readFileSync(join(folder, `${name}.md`), "utf8");
      const source = sourceOf(name);
      assert.ok(source.split("\n").length <= MOST_LINES);
      assert.match(source, /^\/\/ .*\.\n/);
      for (const [, quoted = ""] of page.matchAll(/```wsim\n([\s\S]*?)```/g))
        assert.ok(source.includes(quoted), quoted);
      for (const [, target = ""] of page.matchAll(/\]\(([^)#]+)\)/g))
        assert.ok(existsSync(join(folder, target)), target);
      assert.ok(page.includes(`](${name}.wsim)`));
      assert.ok(readFileSync(join(folder, "README.md"), "utf8").includes(`](${name}.md)`));
    });
  }

  it("are all told here", () => {
    const programs = readdirSync(folder).filter(file => file.endsWith(".wsim") && file !== "first-steps.wsim");
    assert.deepEqual(programs.sort(), names.map(name => `${name}.wsim`).sort());
  });

  it("split a huge page when it is armed, and one page was written", () => {
    const { steps } = trace("huge-page-split");
    const name = "huge-page-split";
    assert.deepEqual(pagesFrom(name, steps, "  let memory = huge_page(0x200000200000)", "anon"), [512]);
    assert.deepEqual(pagesFrom(name, steps, "  memory[5 * page] = 2", "anon"), [1]);
  }).timeout(20_000);

  it("show the marked pages of a sparse shadow, and none that was only read", () => {
    const { steps } = trace("sparse-shadow");
    const name = "sparse-shadow";
    assert.deepEqual(pagesFrom(name, steps, "  mark(shadow, heap, 64 pages)", "anon"), [8]);
    assert.deepEqual(pagesFrom(name, steps, "  mark(shadow, arena, 1 MiB)", "anon"), [32]);
    assert.deepEqual(pagesFrom(name, steps, "  mark(shadow, plugin, 3 pages)", "anon"), [1]);
    assert.deepEqual(pagesFrom(name, steps, "  check(shadow, arena + 3 MiB)", "anon"), [0]);
  }).timeout(20_000);

  it("let a watch find the stray store before it is done, with who called it", () => {
    const program = join(folder, "stray-store.wsim");
    const lineOf = (text: string) => sourceOf("stray-store").split("\n").indexOf(text) + 1;
    const args = ["--break", String(lineOf("  let tellers = work(ledger)")), "--stop-at-write", "vault[0]", "--json"];
    const { stdout, stderr } = spawnSync(process.execPath, [command, "--simulate", program, ...args], {
      encoding: "utf8",
    });
    const hits = stdout
      .trim()
      .split("\n")
      .map(line => JSON.parse(line))
      .filter(({ event }) => event === "hit");
    assert.equal(hits.length, 1, stderr);
    const [{ by, before, stack }] = hits;
    assert.deepEqual([by, before], ["store", "40"]);
    const calls = stack.map((frame: { function: string; line: number }) => [frame.function, frame.line]);
    assert.deepEqual(calls.slice(0, 2), [
      ["book", lineOf("fn book(ledger, entry, amount) { store64 ledger + 8 * entry, amount }")],
      ["close_month", lineOf("  book(ledger, last, 31)")],
    ]);
  }).timeout(30_000);

  it("say so where the kernel keeps no soft-dirty bits", () => {
    assert.match(plainOutput("soft-dirty", "6.18"), /needs kernel 6\.7/);
  });

  it("complete an image whatever the threads' turns", () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { output, fault } = run(sourceOf("pre-dump"), { seed });
      assert.equal(fault?.message, undefined);
      assert.match(output, /the image is complete\n$/);
    }
  }).timeout(20_000);
});

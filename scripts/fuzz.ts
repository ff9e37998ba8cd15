// Soaks the simulated kernel against the live one with random programs: npm run fuzz -- --minutes 10, or one --scenario FILE.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { performOnBoth } from "../test/differential/both.ts";
import { sideBySide } from "../test/differential/compare.ts";
import { liveDebianKernel } from "../test/differential/debian-kernel.ts";
import { type Choice, chunkNames } from "../test/differential/generate.ts";
import { LiveKernel } from "../test/differential/live.ts";
import { CALL_NAMES } from "../test/differential/operation.ts";
import { formatScenario, parseScenario } from "../test/differential/scenario.ts";
import { search } from "../test/differential/search.ts";
import { survey } from "../test/differential/survey.ts";
import { withoutKhugepaged } from "./fuzz/khugepaged.ts";
import { repository } from "./vscode-host/paths.ts";
import { runMain } from "./vscode-host/run-main.ts";

const usage = `npm run fuzz -- [--minutes N] [--operations N] [--seed S] [--without NAMES] [--only NAMES] [--survey FILE]
npm run fuzz -- --scenario FILE
--debian-kernel 6.12 compares with that kernel of Debian's, booted in a virtual machine, and not with the one that runs.
Names, separated by commas: invalid, ${[...new Set([...chunkNames(), ...CALL_NAMES])].join(", ")}`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    operations: { type: "string" },
    seed: { type: "string" },
    without: { type: "string", default: "" },
    only: { type: "string" },
    /** Goes on after divergences, and writes an account of all their kinds. */
    survey: { type: "string" },
    scenario: { type: "string" },
    "debian-kernel": { type: "string" },
    help: { type: "boolean", default: false },
  },
});

await runMain(() => (values.help ? help() : withKernel(values.scenario ? rerun : soak)));

async function help(): Promise<number> {
  console.log(usage);
  return 0;
}

async function withKernel(run: (kernel: LiveKernel) => Promise<number>): Promise<number> {
  const series = values["debian-kernel"];
  const kernel = series === undefined ? new LiveKernel() : liveDebianKernel(series);
  try {
    return await (series === undefined ? withoutKhugepaged(() => run(kernel)) : run(kernel));
  } finally {
    kernel.close();
  }
}

async function rerun(kernel: LiveKernel): Promise<number> {
  const { title, program } = parseScenario(readFileSync(values.scenario ?? "", "utf8"));
  const { live, simulated, divergence } = await performOnBoth(kernel, program);
  console.log(`${title}\n\n${sideBySide(program, live, simulated)}\n`);
  console.log(divergence ? `They differ at operation ${divergence.operation + 1}.` : "Both kernels answer the same.");
  return divergence ? 1 : 0;
}

async function soak(kernel: LiveKernel): Promise<number> {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const most = values.operations === undefined ? Number.POSITIVE_INFINITY : Number(values.operations);
  const minutes =
    values.minutes === undefined && most < Number.POSITIVE_INFINITY ? 24 * 60 : Number(values.minutes ?? 1);
  const names = (text: string) => new Set(text.split(",").filter(Boolean));
  const choice: Choice = { without: names(values.without), only: values.only ? names(values.only) : undefined };

  let isInterrupted = false;
  // More than once: where no terminal is, the signal comes from our starter too.
  process.on("SIGINT", () => {
    isInterrupted = true;
  });
  const begin = performance.now();
  let told = begin;
  const isOver = (operations: number) => {
    const now = performance.now();
    if (now - told > 30_000) {
      told = now;
      console.log(`  ${figures(operations, now - begin)}`);
    }
    return isInterrupted || operations >= most || now - begin > minutes * 60_000;
  };

  console.log(`Seed ${seed}.`);
  if (values.survey) {
    const result = await survey(kernel, choice, seed, isOver);
    writeFileSync(values.survey, result.text);
    console.log(
      `${figures(result.operations, performance.now() - begin)}; ${result.divergent} of ${result.programs} programs diverged.`,
    );
    return result.divergent > 0 ? 1 : 0;
  }
  const { found, operations } = await search(kernel, { seed, choice, isOver });
  console.log(`${figures(operations, performance.now() - begin)}${isInterrupted ? ", interrupted" : ""}.`);
  if (!found) return 0;
  const { program, outcome } = found;
  const folder = join(repository, "dist", "test");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `divergence-${seed}.scenario`);
  writeFileSync(file, formatScenario({ title: `found with seed ${seed}`, program }));
  console.log(
    `\n${sideBySide(program, outcome.live, outcome.simulated)}\n\nThe kernels differ. The program is in ${file}`,
  );
  return 1;
}

function figures(operations: number, milliseconds: number): string {
  const rate = Math.round((operations / milliseconds) * 1000);
  return `${operations.toLocaleString("en")} operations in ${Math.round(milliseconds / 1000)} s, ${rate.toLocaleString("en")} a second`;
}

// Runs one random suite again and again with fresh seeds, as long as it is told: npm run soak -- SUITE --minutes 10.
import { parseArgs } from "node:util";
import { runStage } from "./test/run-stage.ts";
import { repository } from "./vscode-host/paths.ts";
import { runMain } from "./vscode-host/run-main.ts";

interface Suite {
  readonly tests: readonly string[];
  /** What a round asks for beside its seed: more than `npm test` does. */
  readonly environment: Readonly<Record<string, string>>;
  /** Seeds that one round tries. */
  readonly seeds: number;
  readonly what: string;
}

const suites: Readonly<Record<string, Suite>> = {
  foreign: {
    tests: ["test/foreign/foreign.test.ts"],
    environment: { WRITEWATCH_STOPS: "100" },
    seeds: 1,
    what: "programs of others, stopped anywhere",
  },
  "fast-keys": {
    tests: ["test/debuggers/fast-keys.test.ts"],
    environment: { WRITEWATCH_KEYS: "1000" },
    seeds: 1,
    what: "1,000 keys at each of five delays, under both debuggers",
  },
  kills: {
    tests: ["test/debuggers/safe-to-lose.test.ts"],
    environment: {},
    seeds: 1,
    what: "the agent killed at random moments",
  },
  exactness: {
    tests: ["test/exactness/exactness.test.ts", "test/exactness/truth.test.ts"],
    environment: {},
    seeds: 20,
    what: "random C programs, traced",
  },
  simulated: {
    tests: ["test/exactness/simulated.test.ts"],
    environment: {},
    seeds: 100,
    what: "random simulated programs, on both kernels",
  },
  calls: {
    tests: ["test/kernel/inject-server.test.ts"],
    environment: { WRITEWATCH_CALLS: "1000" },
    seeds: 1,
    what: "twice 1,000 system calls made in a busy server that nobody traces",
  },
  lives: {
    tests: ["test/kernel/lives/lives.test.ts"],
    environment: { WRITEWATCH_LIVES: "1000" },
    seeds: 1,
    what: "1,000 programs that map, move, protect, fork, exec and load libraries at random",
  },
  recordings: {
    tests: ["test/unit/recording/hostile-file.test.ts"],
    environment: { WRITEWATCH_CASES: "100000" },
    seeds: 1,
    what: "100,000 truncated, foreign, newer and hostile recordings",
  },
  unit: {
    tests: ["test/unit/**/*.test.ts"],
    environment: {},
    seeds: 1,
    what: "the unit tests' properties",
  },
};

const names = Object.keys(suites);
const usage = `npm run soak -- ${names.join("|")} [--minutes N] [--seed N]
Goes on until the time is over (1 minute, and the round that has begun), or a round fails. With --seed one round of that seed.

${names.map(name => `  ${name.padEnd(10)} ${suites[name].what}`).join("\n")}`;

await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: "string", default: "1" },
      seed: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const [name] = positionals;
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (positionals.length !== 1 || !Object.hasOwn(suites, name)) throw new Error(usage);
  const suite = suites[name];
  const minutes = wholeOrMore(values.minutes, "--minutes");
  const wanted = values.seed === undefined ? undefined : wholeOrMore(values.seed, "--seed");
  const end = performance.now() + minutes * 60_000;
  for (let rounds = 1; ; rounds += 1) {
    const seed = wanted ?? 1000 + Math.floor(Math.random() * 1e9);
    const seeds = Array.from({ length: suite.seeds }, (_, i) => seed + i);
    console.log(`── ${name}, round ${rounds}: seed ${seed}`);
    Object.assign(process.env, suite.environment, { WRITEWATCH_SEED: seeds.join(" ") });
    const args = ["--reporter", "scripts/test/reporter.ts", "--timeout", "60000", ...suite.tests];
    const { exitCode } = await runStage(`${repository}/node_modules/mocha/bin/mocha.js`, args);
    if (exitCode !== 0) {
      console.log(`\nAgain: npm run soak -- ${name} --seed ${seed}`);
      return 1;
    }
    if (wanted !== undefined || performance.now() > end) return 0;
  }
});

function wholeOrMore(text: string, option: string): number {
  const number = Number(text);
  if (!(number >= 0)) throw new Error(`${option} takes a number: ${text}`);
  return number;
}

// The sample command: `npm run sample`.
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AgentKeeper } from "../../agent/keeper.ts";
import { NO_LOG } from "../../common/log.ts";
import { isGone } from "../../kernel/kernel-error.ts";
import { explainKernelError } from "../../kernel/remedy.ts";
import { formatSize } from "../../memory/page.ts";
import { estimateMigration } from "../../sampling/migration.ts";
import { Sampler } from "../../sampling/sampler.ts";
import { migrationWords, rateOf, sampleWords, windowWords } from "../../sampling/words.ts";
import { DEFAULT_ARM_OPTIONS } from "../../tracker/policy.ts";
import { UsageError } from "../options.ts";
import { print } from "../printing.ts";
import { parseSampleOptions, SAMPLE_USAGE, type SampleOptions } from "./options.ts";

const keeper = new AgentKeeper(fileURLToPath(new URL("../../agent/main.ts", import.meta.url)), NO_LOG);

try {
  const options = parseSampleOptions(process.argv.slice(2));
  if (options === "help") process.stdout.write(SAMPLE_USAGE);
  else await sample(options);
  process.exit(0);
} catch (error) {
  process.stderr.write(
    error instanceof UsageError ? `${error.message}\n\n${SAMPLE_USAGE}` : `writewatch: ${explainKernelError(error)}\n`,
  );
  process.exit(error instanceof UsageError ? 2 : 1);
} finally {
  keeper.dispose();
}

async function sample({ pid, interval, seconds, bandwidth, downtime, json }: SampleOptions): Promise<void> {
  const sampler = new Sampler(keeper.tracker(), { pid, interval, arm: DEFAULT_ARM_OPTIONS });
  await sampler.begin();
  try {
    for (let at = 0; at < seconds; ) {
      await sleep(sampler.due);
      const one = await sampler.sample();
      ({ at } = one);
      const { pages, mappings } = one;
      const numbers = { seconds: one.seconds, pages: pages.pageCount, mibPerSecond: rateOf(one), mappings };
      print(json ? JSON.stringify({ sample: { at, ...numbers } }) : sampleWords(one));
    }
    await sampler.count();
  } catch (error) {
    if (!isGone(error)) throw error;
    if (!json) print("The process has ended, or has replaced its program.");
  } finally {
    await sampler.end();
  }
  const { curve } = sampler.workingSet;
  const request = { pages: sampler.resident, curve, bandwidth, downtime };
  const migration = estimateMigration(request);
  if (json) {
    print(
      JSON.stringify({
        workingSet: curve,
        resident: sampler.resident,
        migration: { bandwidth, downtime, ...migration },
      }),
    );
    return;
  }
  print(`\nIn use: ${formatSize(sampler.resident)}. Written:`);
  for (const point of curve) print(`  ${windowWords(point)}`);
  print(`\n${migrationWords(migration, bandwidth, downtime)}`);
}

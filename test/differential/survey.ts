// Counts the kinds of divergences in many programs, and shows the smallest program found of each.
import fc from "fast-check";
import { type Outcome, performOnBoth } from "./both.ts";
import { sideBySide } from "./compare.ts";
import { type Choice, programs } from "./generate.ts";
import type { LiveKernel } from "./live.ts";
import type { Program } from "./operation.ts";
import { formatScenario } from "./scenario.ts";
import { smallest } from "./search.ts";
import { formatWord } from "./words-of-text.ts";

interface Kind {
  readonly name: string;
  count: number;
  shortest: Program;
}

export interface Survey {
  readonly programs: number;
  readonly operations: number;
  readonly divergent: number;
  /** An account of each kind, the most frequent first. */
  readonly text: string;
}

/** @param isOver looked at before each program; told how many operations were compared. */
export async function survey(
  kernel: LiveKernel,
  choice: Choice,
  seed: number,
  isOver: (operations: number) => boolean,
): Promise<Survey> {
  const kinds = new Map<string, Kind>();
  let operations = 0;
  let count = 0;
  let divergent = 0;
  for (let batch = 0; !isOver(operations); batch++) {
    for (const program of fc.sample(programs(choice), { seed: seed + batch, numRuns: 100 })) {
      if (isOver(operations)) break;
      const outcome = await performOnBoth(kernel, program);
      operations += program.length;
      count += 1;
      const name = kindOf(outcome, program);
      if (name === undefined) continue;
      divergent += 1;
      const kind = kinds.get(name);
      if (!kind) kinds.set(name, { name, count: 1, shortest: program });
      else {
        kind.count += 1;
        const end = (outcome.divergence?.operation ?? 0) + 1;
        if (end < kind.shortest.length) kind.shortest = program.slice(0, end);
      }
    }
  }
  const sorted = [...kinds.values()].sort((a, b) => b.count - a.count);
  const parts: string[] = [];
  for (const { name, count: times, shortest } of sorted) {
    const { program, outcome } = await smallest(kernel, shortest, (result, of) => kindOf(result, of) === name);
    const account = sideBySide(program, outcome.live, outcome.simulated);
    parts.push(
      `## ${times} times: ${name}\n\n${formatScenario({ title: name, program })}\n\`\`\`\n${account}\n\`\`\`\n`,
    );
  }
  return { programs: count, operations, divergent, text: parts.join("\n") };
}

/** What divergences of one cause tend to share: the call, and what differs how. */
function kindOf({ divergence }: Outcome, program: Program): string | undefined {
  if (!divergence) return undefined;
  const operation = program[divergence.operation];
  const { what } = divergence;
  const call = operation
    ? operation.call + (operation.call === "madvise" ? ` ${formatWord("advice", operation.args[2] ?? 0n)}` : "")
    : "the end";
  if (what === "end") return `${call}: ${divergence.simulated.split("\n").slice(0, 2).join(" ").replace(/\s+/g, " ")}`;
  if (what !== "result") return `${call}: ${what}`;
  const sort = (text: string) => (/^\d+$/.test(text) ? "n" : text.replace(/@.*/, "@").replace(/^\d+,/, "n,"));
  return `${call}: result ${sort(divergence.live)} against ${sort(divergence.simulated)}`;
}

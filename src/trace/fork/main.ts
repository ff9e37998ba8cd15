// The fork command: `npm run fork`.
import { otherSystem } from "../../agent/unsupported.ts";
import { isGone } from "../../kernel/kernel-error.ts";
import { explainKernelError } from "../../kernel/remedy.ts";
import { shortName } from "../../memory/mapping.ts";
import { formatAddress, formatSize } from "../../memory/page.ts";
import { type ForkCounts, forkJson, forkRows, forkTotals } from "../../recording/fork-table.ts";
import { ForkLens, type ForkLook } from "../../tracker/fork-lens.ts";
import { UsageError } from "../options.ts";
import { print } from "../printing.ts";
import { FORK_USAGE, type ForkOptions, parseForkOptions } from "./options.ts";

/** Mappings of the table at the end. */
const MOST_ROWS = 12;

try {
  const options = parseForkOptions(process.argv.slice(2));
  if (options === "help") process.stdout.write(FORK_USAGE);
  else await follow(options);
  process.exit(0);
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${FORK_USAGE}`);
    process.exit(2);
  }
  process.stderr.write(`writewatch: ${explainKernelError(error)}\n`);
  process.exit(1);
}

async function follow({ parent, child, every, times, json }: ForkOptions): Promise<void> {
  const other = otherSystem(process.platform, process.arch);
  if (other) throw new Error(other);
  const { linuxKernel } = await import("../../kernel/linux/linux-kernel.ts");
  const lens = new ForkLens(linuxKernel, parent, child);
  const begun = performance.now();
  let last: ForkLook | undefined;
  for (let i = 0; i < times; i += 1) {
    if (i > 0) await new Promise(resolve => setTimeout(resolve, every));
    try {
      last = lens.look();
    } catch (error) {
      if (!last || !isGone(error)) throw error;
      process.stderr.write("One of the two has ended.\n");
      break;
    }
    const milliseconds = performance.now() - begun;
    print(json ? JSON.stringify(forkJson(last, milliseconds)) : line(last, milliseconds));
  }
  if (last && !json) for (const row of table(last)) print(row);
}

function line(look: ForkLook, milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1).padStart(7)} s  ${words(forkTotals(look))}`;
}

function words({ shared, copied, byParent, byChild, onlyParent, onlyChild }: ForkCounts): string {
  const who = byParent + byChild === 0 ? "" : ` (${byParent} by the parent, ${byChild} by the child)`;
  return `shared ${formatSize(shared)}, copied ${copied} pages${who}, only the parent's ${onlyParent}, only the child's ${onlyChild}`;
}

function table(look: ForkLook): string[] {
  const rows = forkRows(look);
  const seen =
    look.evidence === "frames" ? "" : "Frames may not be seen (root may): told by what each of the two maps alone.";
  return [
    ...(seen === "" ? [] : [seen]),
    ...rows
      .slice(0, MOST_ROWS)
      .map(({ mapping, ...counts }) => `${formatAddress(mapping.start)} ${shortName(mapping)}: ${words(counts)}`),
    ...(rows.length > MOST_ROWS ? [`and ${rows.length - MOST_ROWS} more mappings`] : []),
  ];
}

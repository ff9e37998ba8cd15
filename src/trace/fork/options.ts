// The fork command's arguments.
import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";

export const FORK_USAGE = `Usage: npm run --silent fork -- PARENT CHILD [--every MS] [--times N] [--json]

Tells which pages a parent process and its forked child no longer share, by mapping, and whose store parted them.

  PARENT CHILD  the processes' numbers
  --every MS    milliseconds between two looks (1000)
  --times N     how many looks; without it, until one of the two ends
  --json        print JSON Lines, one a look, instead of text

Whose store it was is known of what is parted between two looks, and by who may see frames (root); others are told how much is
shared by what each maps alone.
`;

export interface ForkOptions {
  readonly parent: number;
  readonly child: number;
  readonly every: number;
  readonly times: number;
  readonly json: boolean;
}

/** @throws {UsageError} */
export function parseForkOptions(argv: readonly string[]): ForkOptions | "help" {
  const { values, positionals } = parse(argv);
  if (values.help) return "help";
  const [parent, child, ...more] = positionals;
  if (child === undefined) throw new UsageError("The numbers of PARENT and CHILD are needed.");
  if (more.length > 0) throw new UsageError(`There is nothing to do with ${more.join(" ")}.`);
  return {
    parent: whole(parent, "PARENT", 2 ** 31 - 1),
    child: whole(child, "CHILD", 2 ** 31 - 1),
    every: values.every === undefined ? 1000 : whole(values.every, "--every", 86_400_000),
    times: values.times === undefined ? Infinity : whole(values.times, "--times", 1_000_000_000),
    json: values.json ?? false,
  };
}

function whole(text: string, what: string, most: number): number {
  if (/^[1-9]\d*$/.test(text) && Number(text) <= most) return Number(text);
  throw new UsageError(`${what} takes a whole number from 1 to ${most}, not '${text}'.`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        every: { type: "string" },
        times: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

// Where the repository is, and the Node that its commands run on.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const OLDEST_THAT_RUNS_TYPESCRIPT = 24;

/** The pinned Node where it is published for this platform; else the running one, if it is new enough. */
export function projectNode() {
  const pinned = join(repository, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(pinned)) return pinned;
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= OLDEST_THAT_RUNS_TYPESCRIPT) return process.execPath;
  throw new Error(
    `No pinned Node for ${process.platform}-${process.arch}, and Node ${process.versions.node} is too old. ` +
      `Install Node ${OLDEST_THAT_RUNS_TYPESCRIPT} or later and run the same command again.`,
  );
}

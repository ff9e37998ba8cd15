// Whether native programs can be watched on this computer: asked of the agent, as the extension does.
import { join } from "node:path";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { repository } from "../vscode-host/paths.ts";

/** A sentence or two on what is missing; undefined where nothing is. */
export async function whatIsMissingHere(): Promise<string | undefined> {
  const keeper = new AgentKeeper(join(repository, "src/agent/main.ts"), NO_LOG);
  try {
    return await keeper.missing();
  } finally {
    keeper.dispose();
  }
}

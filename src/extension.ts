// Activation where Node is: native programs are watched through the agent, a process of its own.
import "./ui/language.ts";
import { open } from "node:fs/promises";
import type * as vscode from "vscode";
import { AgentKeeper } from "./agent/keeper.ts";
import { named } from "./common/log.ts";
import { connect, type WriteWatchApi as SharedApi } from "./connect.ts";
import { findAdapter } from "./debuggers/installed.ts";
import { listProcesses } from "./kernel/linux/processes.ts";
import { openLog } from "./ui/log.ts";
import type { FileSink } from "./ui/record-to-file.ts";

/** So that what is recorded for hours is written once. */
async function openFile(path: string): Promise<FileSink> {
  const file = await open(path, "w");
  return { write: async bytes => void (await file.writeFile(bytes)), close: () => file.close() };
}

export interface WriteWatchApi extends SharedApi {
  readonly agent: AgentKeeper;
}

export function activate(context: vscode.ExtensionContext): WriteWatchApi {
  const log = openLog();
  const agent = new AgentKeeper(context.asAbsolutePath("dist/agent.cjs"), named(log, "agent"));
  context.subscriptions.push(agent);
  const api = connect(context, log, {
    list: listProcesses,
    agent: () => agent,
    // No process before something is armed: what only the kernel could tell is told then.
    missing: async () => agent.missingAtFirstSight(),
    openFile,
    debuggerCommand: () => findAdapter(),
    listsProcesses: process.platform === "linux",
  });
  return { ...api, agent };
}

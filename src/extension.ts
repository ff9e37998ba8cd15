// Activation where Node is: native programs are watched through the agent, a process of its own.
import type * as vscode from "vscode";
import { AgentKeeper } from "./agent/keeper.ts";
import { connect, type WriteWatchApi as SharedApi } from "./connect.ts";
import { listProcesses } from "./kernel/linux/processes.ts";

export interface WriteWatchApi extends SharedApi {
  readonly agent: AgentKeeper;
}

export function activate(context: vscode.ExtensionContext): WriteWatchApi {
  const agent = new AgentKeeper(context.asAbsolutePath("dist/agent.cjs"));
  context.subscriptions.push(agent);
  const api = connect(context, {
    list: listProcesses,
    agent: () => agent.agent(),
    missing: () => agent.missing(),
    listsProcesses: process.platform === "linux",
  });
  return { ...api, agent };
}

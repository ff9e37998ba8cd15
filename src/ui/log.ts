// The output channel "WriteWatch": its level is set as VS Code's other channels' are, by "Developer: Set Log Level…".
import * as vscode from "vscode";
import type { Disposable } from "../common/disposable.ts";
import { type Log, type LogLevel, logTo } from "../common/log.ts";

const LEVELS: Readonly<Record<LogLevel, vscode.LogLevel>> = {
  trace: vscode.LogLevel.Trace,
  debug: vscode.LogLevel.Debug,
  info: vscode.LogLevel.Info,
  warn: vscode.LogLevel.Warning,
  error: vscode.LogLevel.Error,
};

/** Opens the channel and registers "WriteWatch: Show Log". */
export function openLog(): Log & Disposable {
  const channel = vscode.window.createOutputChannel("WriteWatch", { log: true });
  const subscriptions = vscode.Disposable.from(
    channel,
    vscode.commands.registerCommand("writewatch.showLog", () => channel.show()),
  );
  const reads = (level: LogLevel): boolean =>
    channel.logLevel !== vscode.LogLevel.Off && LEVELS[level] >= channel.logLevel;
  return { ...logTo((level, line) => channel[level](line), reads), dispose: () => subscriptions.dispose() };
}

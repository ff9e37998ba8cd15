// Runs a command in our place: its streams, signals and exit code are ours.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { repository } from "./paths.mjs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

export function runToEnd(node, args, stdout) {
  // First on PATH too, so that tools which start `node` get the same one.
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}` };
  const [script, ...rest] = args;
  const child = spawn(node, [join(repository, script), ...rest], {
    stdio: ["inherit", stdout === "to stderr" ? 2 : "inherit", "inherit"],
    env,
  });
  const pass = signal => {
    // Ctrl-C reaches the whole foreground group by itself; passing it on again would read as a second press.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      for (const name of SIGNALS) process.removeListener(name, pass);
      resolve(code ?? 128 + (constants.signals[signal ?? "SIGTERM"] ?? 15));
    });
  });
}

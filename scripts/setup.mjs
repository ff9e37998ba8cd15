// Puts in place what a command of this project needs, then runs it: node scripts/setup.mjs COMMAND [ARGUMENTS].
//
// Plain JavaScript without packages: it must run on a fresh machine's Node 20. What it starts runs on the project's own
// Node 24, from npm. Everything said here goes to stderr; stdout belongs to the command.
import { commands } from "./setup/commands.mjs";
import { ensureDebianPackages } from "./setup/debian.mjs";
import { ensureNpmPackages } from "./setup/npm.mjs";
import { projectNode } from "./setup/paths.mjs";
import { runToEnd } from "./setup/run.mjs";

const INSTALL_VSCODE = "scripts/vscode-host/install.ts";

const [name = "", ...given] = process.argv.slice(2);
const command = commands[name];

if (!command) {
  console.error(`There is no command "${name}". Choose one of: ${Object.keys(commands).join(", ")}.`);
  process.exit(1);
}

try {
  const args = command.complete?.(given) ?? given;
  const needs = command.needs(args);
  ensureDebianPackages(needs.debian);
  ensureNpmPackages();
  const node = projectNode();
  const installed = needs.vscode.length > 0 ? await runToEnd(node, [INSTALL_VSCODE, ...needs.vscode], "to stderr") : 0;
  process.exitCode = installed || (await runToEnd(node, [command.run, ...args]));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

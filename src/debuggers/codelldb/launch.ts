// Where CodeLLDB's adapter is found, and how it is told to launch a program.
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Launcher } from "../launcher.ts";
import { runCommand } from "../lldb/commands.ts";
import { AT_FIRST_INSTRUCTION, quoteLldb } from "../lldb/launch.ts";
import { withPython } from "./commands.ts";
import { codelldb } from "./debugger.ts";

/** Names the adapter's program, where it is none of an installed extension's. */
export const CODELLDB_VARIABLE = "WRITEWATCH_CODELLDB";

/** Where editors keep their extensions, in the home folder. */
const EXTENSIONS = [".vscode", ".vscode-server", ".vscode-insiders", ".vscode-oss"].map(name => `${name}/extensions`);

/** @throws {Error} there is none, with what installs it. */
export function codelldbLauncher(): Launcher {
  const command = process.env[CODELLDB_VARIABLE] || installed(homedir());
  if (!command) {
    throw new Error(
      `No CodeLLDB found. Install the extension "CodeLLDB" (vadimcn.vscode-lldb) in VS Code, or name its adapter/codelldb in ${CODELLDB_VARIABLE}, or use --debugger lldb-dap.`,
    );
  }
  return launcherOf(command);
}

/** @param command path of the adapter. */
export function launcherOf(command: string): Launcher {
  return {
    debugger: codelldb,
    debugType: "lldb",
    command: { command, args: [] },
    launchArguments: ({ program, args, cwd, input, output }) => ({
      program,
      args,
      cwd,
      terminal: "console",
      stopOnEntry: true,
      // What "stdio" names is taken only where there is a terminal.
      initCommands: [
        `settings set target.input-path ${quoteLldb(input)}`,
        `settings set target.output-path ${quoteLldb(output)}`,
        `settings set target.error-path ${quoteLldb(output)}`,
      ],
    }),
    atFirstInstruction: async context => {
      await runCommand(await withPython(context), AT_FIRST_INSTRUCTION);
    },
  };
}

/** The newest extension's adapter. @param home folder in which editors keep their extensions. */
export function installed(home: string): string | undefined {
  const found = EXTENSIONS.flatMap(folder => {
    try {
      return readdirSync(join(home, folder))
        .filter(name => /^vadimcn\.vscode-lldb-\d/.test(name))
        .map(name => ({ name, adapter: join(home, folder, name, "adapter", "codelldb") }));
    } catch {
      return [];
    }
  });
  const byVersion = new Intl.Collator("en", { numeric: true }).compare;
  return found.sort((a, b) => byVersion(b.name, a.name))[0]?.adapter;
}

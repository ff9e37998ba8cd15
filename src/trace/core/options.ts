// The core command's arguments.
import { parseArgs } from "node:util";
import type { FilePages } from "../../core/pieces.ts";
import { UsageError } from "../options.ts";

export const CORE_USAGE = `Usage: npm run --silent core -- save PID OUT.core [--with-files]
       npm run --silent core -- join FULL.core WRITTEN.core… OUT.core
       npm run --silent core -- show FILE.core [--json]

Core files of a process's used memory, which gdb and lldb open: gdb PROGRAM OUT.core

  save          holds the process's threads for as long as it takes, and saves its pages that were ever stored to. One that
                a debugger holds is better saved in VS Code, which asks the debugger for the registers
  --with-files  also the pages of programs and libraries that are in memory: for where these files are not to be had
  join          makes one of a full core and those saved since of what was written meanwhile, in their order
  show          which process, threads and memory a core is of, and what it follows on
  --json        print JSON instead of text
`;

export type CoreTask =
  | { readonly task: "save"; readonly pid: number; readonly path: string; readonly files: FilePages }
  | { readonly task: "join"; readonly paths: readonly string[]; readonly target: string }
  | { readonly task: "show"; readonly path: string; readonly json: boolean };

/** @throws {UsageError} */
export function parseCoreOptions(argv: readonly string[]): CoreTask | "help" {
  const { values, positionals } = parse(argv);
  if (values.help) return "help";
  const [task, ...rest] = positionals;
  const only = (name: "json" | "with-files"): void => {
    if (values[name]) throw new UsageError(`--${name} is of no use to ${task}.`);
  };
  switch (task) {
    case "save": {
      only("json");
      const [pid, path] = take(rest, task, "a process's number", "OUT.core");
      if (!/^[1-9]\d{0,9}$/.test(pid)) throw new UsageError(`'${pid}' is no process's number.`);
      return { task, pid: Number(pid), path, files: values["with-files"] ? "in memory" : "changed" };
    }
    case "join": {
      only("json");
      only("with-files");
      if (rest.length < 3)
        throw new UsageError("join needs a full core, at least one that follows on it, and OUT.core.");
      return { task, paths: rest.slice(0, -1), target: rest[rest.length - 1] };
    }
    case "show": {
      only("with-files");
      const [path] = take(rest, task, "a core file");
      return { task, path, json: values.json ?? false };
    }
    default:
      throw new UsageError(
        task === undefined ? "What to do is missing: save, join or show." : `There is no '${task}' to do.`,
      );
  }
}

function take(rest: readonly string[], task: string, ...wanted: readonly string[]): readonly string[] {
  if (rest.length < wanted.length) throw new UsageError(`${task} needs ${wanted.slice(rest.length).join(" and ")}.`);
  if (rest.length > wanted.length) throw new UsageError(`${task} takes no ${rest.slice(wanted.length).join(" ")}.`);
  return rest;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        "with-files": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

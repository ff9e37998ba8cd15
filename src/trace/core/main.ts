// The core command: `npm run core`.
import { systemCores } from "../../agent/core-file.ts";
import type { CoreProgress } from "../../agent/cores.ts";
import { LocalAgent } from "../../agent/local.ts";
import { otherSystem } from "../../agent/unsupported.ts";
import { Cancelled } from "../../common/deadline.ts";
import { explainKernelError } from "../../kernel/remedy.ts";
import { formatSize, PAGE_SIZE } from "../../memory/page.ts";
import { BadFile } from "../../names/bytes.ts";
import { UsageError } from "../options.ts";
import { print } from "../printing.ts";
import { CORE_USAGE, type CoreTask, parseCoreOptions } from "./options.ts";
import { describeCore } from "./show.ts";

const controller = new AbortController();
// Threads are let go, and what was begun to be written is removed.
process.on("SIGINT", () => controller.abort());

try {
  const task = parseCoreOptions(process.argv.slice(2));
  if (task === "help") process.stdout.write(CORE_USAGE);
  else await perform(task);
  process.exit(0);
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${CORE_USAGE}`);
    process.exit(2);
  }
  process.stderr.write(`writewatch: ${error instanceof Cancelled ? "called off" : explainKernelError(error)}\n`);
  process.exit(1);
}

async function perform(task: CoreTask): Promise<void> {
  if (task.task === "show") {
    const { text, json } = await systemCores.reading([task.path], async ([{ name, source }]) => {
      try {
        return describeCore(source);
      } catch (error) {
        throw error instanceof BadFile ? new Error(`${name} can't be shown: ${error.message}.`) : error;
      }
    });
    return print(task.json ? JSON.stringify(json) : text);
  }
  const agent = await localAgent(task.task === "save");
  if (task.task === "join") {
    const bytes = await agent.joinCores(task, toTerminal, controller.signal);
    return print(`${task.target}: ${formatSize(bytes / PAGE_SIZE)}, untouched memory included`);
  }
  const { pid, path, files } = task;
  const report = await agent.saveCore({ pid, path, files, since: false }, toTerminal, controller.signal);
  for (const remark of report.remarks) process.stderr.write(`${remark}\n`);
  print(`${path}: ${formatSize(report.pageBytes / PAGE_SIZE)} of memory, ${report.threads} threads`);
}

/** @param asksKernel whether a process is to be looked at; files alone can be joined on any system. */
async function localAgent(asksKernel: boolean): Promise<LocalAgent> {
  const other = otherSystem(process.platform, process.arch);
  if (asksKernel && other) throw new Error(other);
  const kernel = asksKernel ? (await import("../../kernel/linux/linux-kernel.ts")).linuxKernel : undefined;
  const giveKernel = () => {
    if (!kernel) throw new Error("No process is looked at here.");
    return kernel;
  };
  return new LocalAgent(giveKernel, undefined, undefined, systemCores);
}

function toTerminal({ done, all }: CoreProgress): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor((done / all) * 100)} %${done < all ? "" : "\n"}`);
}

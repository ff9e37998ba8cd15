// Unpacks debuggers of later Debians, and prints where they can be started from: node scripts/later-debian.ts gdb-18 lldb-dap-22.
import { dirname } from "node:path";
import { LATER } from "./later-debian/programs.ts";
import { laterProgram } from "./later-debian/unpack.ts";
import { runMain } from "./vscode-host/run-main.ts";

await runMain(async () => {
  const names = process.argv.slice(2);
  const wanted = LATER.filter(({ name }) => names.includes(name));
  const known = LATER.map(({ name }) => name).join(", ");
  if (wanted.length === 0 || wanted.length < names.length) throw new Error(`Name one or more of ${known}.`);
  const folders = wanted.map(program => dirname(laterProgram(program)));
  console.log([...new Set(folders)].join(":"));
  return 0;
});

// For tests: the debuggers that they are run with. CI has lldb-dap and gdb; CodeLLDB comes from an extension, and is run with where named.
import { CODELLDB_VARIABLE } from "../src/debuggers/codelldb/launch.ts";
import type { DebuggerName } from "../src/debuggers/launcher.ts";

const extra: readonly DebuggerName[] = process.env[CODELLDB_VARIABLE] ? ["codelldb"] : [];
if (extra.length > 0) console.log(`With CodeLLDB, too: ${process.env[CODELLDB_VARIABLE]}`);

export const DEBUGGERS: readonly DebuggerName[] = ["lldb-dap", "gdb", ...extra];

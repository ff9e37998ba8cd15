// Debuggers of later Debians: gdb has a debug adapter of its own from 14 on.
import type { LaterProgram } from "./unpack.ts";

/** Its Python looks for its own modules where it was built for. The program has the running system's libc, and so has what knows that one's threads. */
const gdb = {
  package: "gdb",
  path: "usr/bin/gdb",
  environment: { PYTHONHOME: "$root/usr" },
  options: [
    ...["--data-directory=$root/usr/share/gdb"],
    ...["-iex", "set auto-load safe-path /", "-iex", "set libthread-db-search-path /lib/x86_64-linux-gnu"],
  ],
} as const;

/** gdb 16 of Debian 13. */
export const gdb16: LaterProgram = { ...gdb, release: "trixie", name: "gdb-16" };

/** Tried by command alone: what unstable has changes by the day. */
export const LATER: readonly LaterProgram[] = [
  gdb16,
  { ...gdb, release: "sid", name: "gdb-18" },
  {
    release: "sid",
    package: "lldb-22",
    path: "usr/lib/llvm-22/bin/lldb-dap",
    name: "lldb-dap-22",
    others: [{ name: "lldb-server-22", path: "usr/lib/llvm-22/bin/lldb-server" }],
    environment: { PYTHONHOME: "$root/usr", LLDB_DEBUGSERVER_PATH: "$bin/lldb-server-22" },
  },
];

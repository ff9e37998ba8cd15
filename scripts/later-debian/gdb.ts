// gdb of a later Debian: from 14 on it has a debug adapter of its own.
import type { LaterProgram } from "./unpack.ts";

/** gdb 16 of Debian 13. */
export const gdb16: LaterProgram = {
  release: "trixie",
  package: "gdb",
  path: "usr/bin/gdb",
  name: "gdb-16",
  // Its Python looks for its own modules where it was built for.
  environment: { PYTHONHOME: "$root/usr" },
  // The program has the running system's libc, and so has the library that knows that one's threads.
  options: [
    ...["--data-directory=$root/usr/share/gdb"],
    ...["-iex", "set auto-load safe-path /", "-iex", "set libthread-db-search-path /lib/x86_64-linux-gnu"],
  ],
};

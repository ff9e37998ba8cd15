// The one table of the project's rooms: what each is for, and what it may import. The linter and ARCHITECTURE.md are made from it.

export interface Room {
  /** Its folder in src/; the page's is at the repository's top. */
  readonly name: string;
  readonly about: string;
  /** The rooms it may import from, types included; all of them stand above it in this table. */
  readonly standsOn: readonly string[];
  /** Which of its files may import `vscode`, as patterns within it; none where absent. */
  readonly vscode?: readonly string[];
  /** Which of its files may import Node's modules: all others run in a browser's extension host too. */
  readonly node?: readonly string[];
  /** Which of its files may import koffi, the way to call C. */
  readonly koffi?: readonly string[];
}

/** From the ground up: a room stands only on rooms above it in this list, so that there are no circles. */
export const ROOMS: readonly Room[] = [
  {
    name: "common",
    about: "what every room needs: events, disposables, deadlines, the log",
    standsOn: [],
  },
  {
    name: "memory",
    about: "pages, ranges, mappings, categories, page sets; pure",
    standsOn: ["common"],
  },
  {
    name: "names",
    about:
      "from addresses to words: symbols of ELF files, heap blocks, threads' stacks; pure, over readers it is given",
    standsOn: ["common", "memory"],
  },
  {
    name: "kernel",
    about: "the system calls that watching needs, on Linux (`linux/`) and on a kernel of our own (`simulated/`)",
    standsOn: ["common", "memory"],
    node: ["linux/**"],
    koffi: ["linux/**"],
  },
  {
    name: "tracker",
    about: "arms, scans, follows a process's mappings",
    standsOn: ["common", "memory", "kernel"],
  },
  {
    name: "core",
    about: "ELF core files of used memory: what goes into one, its form, and how a chain of them is joined; pure",
    standsOn: ["common", "memory", "names", "kernel", "tracker"],
  },
  {
    name: "agent",
    about: "the child process that owns the kernel's handles, and how one speaks with it",
    standsOn: ["common", "memory", "names", "kernel", "tracker", "core"],
    // What is left out runs in a browser too, in front of the simulated kernel.
    node: [
      ...["**", "!tracking.ts", "!local.ts", "!local-watches.ts", "!watches.ts", "!unsupported.ts"],
      ...["!names.ts", "!process-memory.ts", "!process-names.ts", "!cores.ts"],
    ],
  },
  {
    name: "recording",
    about: "all that is known of one session, scan or file: layouts and steps. The only model",
    standsOn: ["common", "memory", "names", "tracker"],
  },
  {
    name: "debuggers",
    about: "one folder a debugger: how it is recognized, how it makes a call, how it is launched, its quirks",
    standsOn: ["common", "memory", "kernel", "tracker", "agent"],
    // What finds and starts a debugger, for the command line; the extension is started by one.
    node: [
      "*/launch.ts",
      "launchers.ts",
      "installed.ts",
      "launcher.ts",
      "on-path.ts",
      "signal-numbers.ts",
      "gdb/with-adapter.ts",
      "gdb/environment.ts",
      "program.ts",
    ],
  },
  {
    name: "sampling",
    about: "what a process writes while it runs: rates, its working set, what a migration would take",
    standsOn: ["common", "memory", "kernel", "tracker", "agent", "debuggers"],
  },
  {
    name: "session",
    about: "debug adapter messages become events, phases and steps; whose write it was; our own steps and pauses",
    standsOn: ["common", "memory", "kernel", "tracker", "names", "agent", "recording", "debuggers"],
    vscode: ["debug-sessions.ts"],
  },
  {
    name: "attach",
    about: "the debug adapter of live processes that no debugger holds: pause, run, threads",
    standsOn: ["common", "memory", "kernel", "tracker", "agent", "debuggers", "session"],
    vscode: ["factory.ts"],
  },
  {
    name: "simulation",
    about: "the `.wsim` language, its interpreter, its debug adapter, its editor services",
    standsOn: ["common", "memory", "kernel"],
    vscode: ["factory.ts", "editor.ts", "editor/**"],
  },
  {
    name: "ui",
    about: "what the user sees in VS Code: panel, editor lines, commands, settings, log; `protocol` with the page",
    standsOn: [
      ...["common", "memory", "names", "kernel", "tracker", "agent", "recording", "debuggers", "sampling", "session"],
    ],
    vscode: ["**"],
  },
  {
    name: "report",
    about: "a recording as one HTML page: what answers the panel's page there, in VS Code's place",
    standsOn: ["common", "memory", "recording", "ui"],
  },
  {
    name: "trace",
    about: "the same from the command line",
    standsOn: [
      ...["common", "memory", "names", "kernel", "tracker", "core", "agent", "recording", "debuggers", "session"],
      ...["sampling", "attach", "simulation"],
    ],
    node: ["**"],
  },
  {
    name: "webview",
    about: "the panel's page: a reducer and views, which ask the extension for what they draw",
    standsOn: ["common", "memory", "recording", "ui/protocol"],
  },
];

/** They build the rooms and connect them. */
export const ENTRIES = [
  { path: "src/extension.ts", about: "activation where Node is", node: true },
  { path: "src/web-extension.ts", about: "activation in a browser", node: false },
  { path: "src/connect.ts", about: "what both have in common", node: false },
] as const;

/** The folder of a room, or of a part of one ("ui/protocol"). */
export function folderOf(room: string): string {
  return room === "webview" ? room : `src/${room}`;
}

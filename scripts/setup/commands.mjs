// The table of commands: what each needs on the machine, and what it runs.
import { release } from "node:os";
import { onPath } from "./debian.mjs";

const compiler = ["gcc", "libc6-dev"];
const debuggers = ["lldb-19", "gdb"];
// node-gyp compiles four small native modules of VS Code's server.
const hostBuild = ["make", "g++", "python3"];
// Chromium brings no font, and a picture of a window without one shows boxes.
const browser = ["chromium", "fonts-dejavu-core"];

// For a kernel other than the running one.
const virtualMachine = ["qemu-system-x86", "cpio", "e2fsprogs"];

// Programs that nobody here wrote; redis-tools brings the server's binary without starting one.
const foreign = ["redis-tools", "sqlite3", "perl", "python3", "g++"];

// Languages with a runtime, each with its own debugger; JavaScript's is in VS Code.
const runtimes = ["delve", "golang-go", "python3-debugpy"];

const nothing = { debian: [], vscode: [] };
const tracing = { debian: [...compiler, ...debuggers], vscode: [] };

/** Both VS Codes and a browser to show them, for the commands that drive a window. */
const workbench = { debian: [...compiler, ...debuggers, ...hostBuild, ...browser], vscode: ["1.139", "1.99"] };

export const commands = {
  start: { complete: args => chooseWindow(chooseKernel(args)), needs: startNeeds, run: "scripts/start.ts" },
  test: { needs: testNeeds, run: "scripts/test.ts" },
  trace: { needs: traceNeeds, run: "src/trace/main.ts" },
  recording: { needs: () => nothing, run: "src/trace/recording/main.ts" },
  core: { needs: () => nothing, run: "src/trace/core/main.ts" },
  sample: { needs: () => nothing, run: "src/trace/sampling/main.ts" },
  fork: { needs: () => nothing, run: "src/trace/fork/main.ts" },
  fuzz: { needs: fuzzNeeds, run: "scripts/fuzz.ts" },
  soak: { needs: soakNeeds, run: "scripts/soak.ts" },
  bench: { needs: () => tracing, run: "test/bench/run.ts" },
  "bench:simulator": { needs: () => tracing, run: "test/bench/simulator.ts" },
  "bench:answers": { needs: () => nothing, run: "test/bench/panel-host.ts" },
  "bench:recordings": { needs: () => nothing, run: "test/bench/recordings.ts" },
  "bench:page": { needs: () => ({ debian: browser, vscode: [] }), run: "test/bench/page.ts" },
  "bench:panel": { needs: () => workbench, run: "test/bench/panel.ts" },
  "bench:activation": { needs: () => workbench, run: "test/bench/activation.ts" },
  pictures: {
    needs: () => ({ ...workbench, debian: [...workbench.debian, "imagemagick"] }),
    run: "scripts/pictures.ts",
  },
  "test:kernel": {
    needs: () => ({ debian: [...compiler, ...virtualMachine], vscode: [] }),
    run: "test/kernel/other/run.ts",
  },
  "test:electron": { needs: () => tracing, run: "test/workbench/electron.ts" },
  package: { needs: () => nothing, run: "scripts/package.ts" },
};

const windows = ["--desktop", "--browser", "--headless"];

/** Desktop VS Code where it can show itself, else a browser for whoever sits at a terminal, else no window. */
function chooseWindow(args) {
  if (args.some(arg => windows.includes(arg))) return args;
  const display = Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  if (display && onPath("code")) return ["--desktop", ...args];
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  return [display || terminal ? "--browser" : "--headless", ...args];
}

/** Where no native program can be watched, nothing is installed to compile and debug one; what runs then says why. */
function chooseKernel(args) {
  const [major, minor] = release().split(".").map(Number);
  const tooOld = major < 6 || (major === 6 && minor < 7);
  const other = process.platform !== "linux" || process.arch !== "x64" || tooOld;
  return other && !args.includes("--simulate") ? ["--simulate", ...args] : args;
}

function startNeeds(args) {
  const { debian } = args.includes("--simulate") ? nothing : tracing;
  if (!args.includes("--browser")) return { debian, vscode: [] };
  return { debian: [...debian, ...hostBuild], vscode: ["1.139"] };
}

function traceNeeds(args) {
  return args.includes("--simulate") ? nothing : { ...tracing, debian: debuggers };
}

function fuzzNeeds(args) {
  const other = args.some(arg => arg.startsWith("--debian-kernel"));
  return { debian: [...compiler, ...(other ? virtualMachine : [])], vscode: [] };
}

function soakNeeds(args) {
  const needsForeign = args.includes("foreign");
  return { ...tracing, debian: [...tracing.debian, ...(needsForeign ? foreign : [])] };
}

/** Stages named on the command line that open no window need no window, and so on. */
function testNeeds(args) {
  const stages = args.filter(arg => !arg.startsWith("-"));
  const runs = stage => stages.length === 0 || stages.includes(stage);
  const { debian, vscode } = runs("workbench") ? workbench : tracing;
  const more = [
    ...(runs("differential") ? virtualMachine : []),
    ...(runs("debuggers") ? runtimes : []),
    ...(runs("foreign") ? foreign : []),
  ];
  return { debian: [...new Set([...debian, ...more])], vscode };
}

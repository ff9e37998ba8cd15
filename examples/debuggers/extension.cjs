// Two C debuggers for a VS Code that can't reach a marketplace: lldb-dap as installed, gdb through cdt-gdb-adapter.
const { accessSync, constants, existsSync, realpathSync } = require("node:fs");
const { delimiter, dirname, join } = require("node:path");
const vscode = require("vscode");
const { showFirstLook } = require("./first-look.cjs");

const LLDB_DAP_NAMES = ["lldb-dap", "lldb-dap-22", "lldb-dap-21", "lldb-dap-20", "lldb-dap-19"];
const GDB_ADAPTER = "node_modules/cdt-gdb-adapter/dist/debugAdapter.js";

exports.activate = context => {
  // Where a marketplace's debugger of the same type is installed, that one serves.
  if (isOurs(context, "lldb-dap")) {
    context.subscriptions.push(
      vscode.debug.registerDebugAdapterDescriptorFactory("lldb-dap", {
        createDebugAdapterDescriptor: () => new vscode.DebugAdapterExecutable(findLldbDap(), []),
      }),
    );
  }
  if (isOurs(context, "gdb")) {
    context.subscriptions.push(
      vscode.debug.registerDebugAdapterDescriptorFactory("gdb", {
        createDebugAdapterDescriptor: () => gdbAdapter(findGdbAdapter(context.extensionPath)),
      }),
      vscode.debug.registerDebugConfigurationProvider("gdb", { resolveDebugConfiguration: toCdtArguments }),
      vscode.debug.registerDebugAdapterTrackerFactory("gdb", { createDebugAdapterTracker: endWhenTerminated }),
    );
  }
  const file = process.env.WRITEWATCH_FIRST_LOOK;
  if (file) showFirstLook(file).catch(error => vscode.window.showErrorMessage(`First look: ${error.message}`));
};

function isOurs(context, type) {
  const others = vscode.extensions.all.filter(extension => extension.id !== context.extension.id);
  return !others.some(({ packageJSON }) => packageJSON.contributes?.debuggers?.some(one => one.type === type));
}

function setting(name) {
  return vscode.workspace.getConfiguration("writewatchDebuggers").get(name) || undefined;
}

function findLldbDap() {
  const found = setting("lldbDap") ?? LLDB_DAP_NAMES.map(onPath).find(Boolean);
  if (found) return found;
  throw new Error(
    `None of ${LLDB_DAP_NAMES.join(", ")} is on PATH. Install one (Debian, as root: apt-get install lldb-19), ` +
      "or set writewatchDebuggers.lldbDap to its path.",
  );
}

function onPath(name) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map(folder => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findGdbAdapter(extensionPath) {
  const configured = setting("gdbAdapter");
  if (configured) return configured;
  // The extension may be reached through a link in an extensions folder; the packages lie above its real place.
  let folder = realpathSync(extensionPath);
  while (folder !== dirname(folder)) {
    const candidate = join(folder, GDB_ADAPTER);
    if (existsSync(candidate)) return candidate;
    folder = dirname(folder);
  }
  throw new Error(
    `${GDB_ADAPTER} is not above ${extensionPath}. Run npm install in WriteWatch's repository, ` +
      "or set writewatchDebuggers.gdbAdapter to the file.",
  );
}

function gdbAdapter(script) {
  // In a desktop VS Code execPath is Electron's: it is a Node only when told so.
  return new vscode.DebugAdapterExecutable(process.execPath, [script], { env: { ELECTRON_RUN_AS_NODE: "1" } });
}

/** cdt-gdb-adapter names them otherwise: one string of arguments, gdb's working directory, a stop at main by command. */
function toCdtArguments(_folder, { args, stopOnEntry, ...config }) {
  const quoted = (args ?? []).map(text => `'${String(text).replaceAll("'", `'\\''`)}'`).join(" ");
  return {
    ...config,
    ...(quoted ? { arguments: quoted } : {}),
    ...(stopOnEntry ? { initCommands: [...(config.initCommands ?? []), "tbreak main"] } : {}),
  };
}

/** cdt-gdb-adapter 1.7.0 answers `terminate` and does nothing; VS Code's second press of Stop is what ends it. */
function endWhenTerminated(session) {
  return {
    onDidSendMessage: message => {
      if (message.type === "response" && message.command === "terminate") void vscode.debug.stopDebugging(session);
    },
  };
}

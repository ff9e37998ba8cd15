// Starts an installed VS Code server on a free port of 127.0.0.1 and waits until it listens.
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Host } from "./install.ts";
import { type Group, startGroup } from "./process-group.ts";
import { runCommand } from "./run-command.ts";

export interface ServerOptions {
  /** Holds user data, server data and logs; an empty folder gives a VS Code nobody has used yet. */
  readonly home: string;
  readonly extensionsDir: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Lets the page's `payload` name an extension under development and its tests. */
  readonly forTests?: boolean;
  /** 0 picks a free one. */
  readonly port?: number;
}

export interface Server {
  readonly port: number;
  /**
   * What a browser opens. Only one that brings this address's secret gets in: on 127.0.0.1 other users and web pages may knock
   * too, and who is in may run anything.
   */
  address(query: Readonly<Record<string, string>>): string;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const quietSettings = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "git.enabled": false,
  "update.mode": "none",
  "extensions.ignoreRecommendations": true,
};

const START_TIMEOUT_MS = 60_000;

export async function startServer(host: Host, options: ServerOptions): Promise<Server> {
  const userData = join(options.home, "user-data");
  await mkdir(join(userData, "User"), { recursive: true });
  const settings = { ...quietSettings, ...options.settings };
  await writeFile(join(userData, "User/settings.json"), JSON.stringify(settings, undefined, 2));
  const token = randomUUID();
  const group = startGroup(
    process.execPath,
    [
      host.serverMain,
      ...["--host", "127.0.0.1", "--port", String(options.port ?? 0)],
      ...["--connection-token-file", await tokenFile(options.home, token)],
      ...["--accept-server-license-terms", "--disable-workspace-trust", "--disable-telemetry"],
      ...["--server-data-dir", join(options.home, "server-data"), "--user-data-dir", userData],
      ...["--extensions-dir", options.extensionsDir],
      // The second, for the one end that we can't follow: a SIGKILL to us. Minutes after its last window, it goes by itself.
      ...(options.forTests ? ["--enable-smoke-test-driver", "--enable-remote-auto-shutdown"] : []),
    ],
    { stdio: ["ignore", "pipe", "pipe"], env: hostEnvironment(options.env) },
  );
  try {
    const port = await listeningPort(group);
    return {
      port,
      address: query => `http://127.0.0.1:${port}/?${new URLSearchParams({ tkn: token, ...query })}`,
      ended: group.ended,
      stop: group.stop,
    };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

/** By file: a command line is everybody's to read. */
async function tokenFile(home: string, token: string): Promise<string> {
  const file = join(home, "connection-token");
  await writeFile(file, token, { mode: 0o600 });
  return file;
}

/** Installs a .vsix the way a user does: through VS Code's own command line. */
export async function installVsix(host: Host, vsix: string, extensionsDir: string): Promise<void> {
  await runCommand(
    process.execPath,
    [host.serverMain, "--install-extension", vsix, "--force", "--extensions-dir", extensionsDir],
    { env: hostEnvironment() },
  );
}

/** VSCODE_* and ELECTRON_* of a VS Code we may be running in would send the new one to the old one's sockets. */
function hostEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(VSCODE|ELECTRON)_/.test(name));
  return { ...Object.fromEntries(own), ...extra };
}

function listeningPort(group: Group): Promise<number> {
  let said = "";
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`VS Code's server ${why}. It said:\n${said.trim()}`));
    const timer = setTimeout(() => fail(`did not listen within ${START_TIMEOUT_MS / 1000} s`), START_TIMEOUT_MS);
    const listen = (text: string) => {
      said += text;
      const port = /agent listening on (\d+)/.exec(said)?.[1];
      if (!port) return;
      clearTimeout(timer);
      said = "";
      resolve(Number(port));
    };
    group.child.stdout?.setEncoding("utf8").on("data", listen);
    group.child.stderr?.setEncoding("utf8").on("data", listen);
    void group.ended.then(() => {
      clearTimeout(timer);
      fail("ended before it listened");
    });
  });
}

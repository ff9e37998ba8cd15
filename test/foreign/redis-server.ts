// For tests: a redis server on a socket of its own, spoken to in its protocol's plain form.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class RedisServer {
  private readonly child: ChildProcess;
  private readonly folder: string;
  private readonly socket: string;

  private constructor(options: readonly string[]) {
    this.folder = mkdtempSync(join(tmpdir(), "writewatch-redis-"));
    this.socket = join(this.folder, "socket");
    // The package redis-tools has the whole server in a tool; by what name it is called decides what it is.
    const program = join(this.folder, "redis-server");
    symlinkSync("/usr/bin/redis-check-rdb", program);
    const fixed = ["--port", "0", "--unixsocket", this.socket, "--save", "", "--dir", this.folder];
    this.child = spawn(program, [...fixed, "--enable-debug-command", "yes", ...options], { stdio: "ignore" });
  }

  /** Once it answers. */
  static async start(...options: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(options);
    for (let tries = 0; !existsSync(server.socket); tries += 1) {
      if (tries > 500) throw new Error("redis has not begun to listen");
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    await server.ask("PING");
    return server;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The one that writes the database down, while there is one. */
  get saver(): number | undefined {
    const [child] = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, "latin1").split(" ");
    return child ? Number(child) : undefined;
  }

  /** Commands whose answers are a line each; waits for all of them. @throws {Error} with them, if one is a refusal. */
  ask(...commands: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      let said = "";
      const client = connect(this.socket, () => client.write(`${commands.join("\r\n")}\r\n`));
      client.setEncoding("latin1").on("data", (text: string) => {
        said += text;
        // Not until the server closes it: its child has the connection, too.
        if (said.split("\r\n").length > commands.length) client.destroy();
      });
      client.on("error", reject);
      client.on("close", () => (/^-/m.test(said) ? reject(new Error(said)) : resolve(said)));
    });
  }

  kill(): void {
    for (const pid of [this.saver, this.pid]) if (pid !== undefined) attempt(() => process.kill(pid, "SIGKILL"));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function attempt(call: () => void): void {
  try {
    call();
  } catch {
    // It has ended.
  }
}

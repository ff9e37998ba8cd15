// System calls made in a server of many threads while its clients keep it busy: no request fails, and no call of its is interrupted.
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { SystemCall } from "../../src/kernel/abi.ts";
import { compiled } from "../compile.ts";
import { RedisLoad } from "../foreign/redis-load.ts";
import { agentModule } from "./tracked.ts";

/** npm run soak -- calls asks for 1,000. */
const CALLS = Number(process.env.WRITEWATCH_CALLS ?? 100);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

describe(`${CALLS} system calls made in a busy server`, () => {
  let folder: string;
  let server: ChildProcess;
  let load: RedisLoad;
  let complaint = "";

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-server-"));
    // One binary, which is the server where it is called so.
    const program = join(folder, "redis-server");
    symlinkSync("/usr/bin/redis-check-rdb", program);
    const socket = join(folder, "socket");
    const preload = compiled(here("interruptions.c"), "interruptions.so", ["-O1", "-shared", "-fPIC"]);
    complaint = "";
    server = spawn(
      program,
      [
        ...["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--io-threads", "3"],
        ...["--io-threads-do-reads", "yes"],
      ],
      { env: { ...process.env, LD_PRELOAD: preload }, stdio: ["ignore", "ignore", "pipe"] },
    );
    server.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    while (!existsSync(socket)) await sleep(10);
    load = new RedisLoad(socket);
    load.begin();
  });

  afterEach(() => {
    load.end();
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });

  const pid = (): number => server.pid ?? 0;

  const assertNothingNoticed = async (): Promise<void> => {
    await sleep(100);
    for (const thread of readdirSync(`/proc/${pid()}/task`)) {
      const status = readFileSync(`/proc/${pid()}/task/${thread}/status`, "latin1");
      assert.match(status, /^TracerPid:\t0$/m);
      assert.match(status, /^State:\t[RSD]/m);
    }
    const ended = new Promise(resolve => server.once("exit", code => resolve(code)));
    assert.deepEqual(await load.finish(), []);
    assert.deepEqual([await ended, complaint], [0, ""]);
  };

  it("go unnoticed where the thread is chosen well", async () => {
    const keeper = new AgentKeeper(agentModule, NO_LOG);
    try {
      const agent = keeper.tracker();
      for (let i = 0; i < CALLS; i += 1) assert.equal(await agent.systemCallIn(pid(), SystemCall.getpid, []), pid());
    } finally {
      keeper.dispose();
    }
    await assertNothingNoticed();
  });

  it("go unnoticed in whichever of its threads", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      here("inject-everywhere.ts"),
      String(pid()),
      String(CALLS),
    ]);
    const { made } = JSON.parse(stdout);
    assert.equal(made, CALLS);
    if (process.env.WRITEWATCH_CALLS) console.log(stdout.trim());
    await assertNothingNoticed();
  });
});

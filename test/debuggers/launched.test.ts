// A program run by a debug adapter: it finds the world it would find alone, steps by lines, and ends with its adapter.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { topFrame } from "../../src/debuggers/frame.ts";
import { AdapterProcess } from "../../src/trace/adapter-process.ts";
import { findAdapter } from "../../src/trace/adapters.ts";
import { DapClient } from "../../src/trace/dap-client.ts";
import { LaunchedProgram } from "../../src/trace/debuggee.ts";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { runTrace } from "./trace-command.ts";

/** Prints all that a parent can hand down. */
const WORLD = `#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv) {
  for (int i = 1; i < argc; i += 1) printf("argument %d: %s\\n", i, argv[i]);
  for (char **variable = environ; *variable; variable += 1) printf("environment %s\\n", *variable);
  sigset_t mask;
  sigprocmask(SIG_SETMASK, 0, &mask);
  for (int i = 1; i < 65; i += 1) {
    struct sigaction action;
    if (sigaction(i, 0, &action) == 0 && action.sa_handler != SIG_DFL) printf("signal %d is ignored\\n", i);
    if (sigismember(&mask, i) == 1) printf("signal %d is blocked\\n", i);
  }
  char folder[4096];
  printf("folder %s, umask %o\\n", getcwd(folder, sizeof folder), umask(0));
  for (int c; (c = getchar()) != EOF; ) putchar(c);
  return argc;
}
`;

const ARGUMENTS = ["a b", "", "quo'te", 'dq"x', "$HOME `id` *", "tab\there", "<in", ">out", "ü€", "back\\slash", "--x"];

const LINES = `int twice(int x) {
  return x * 2;
}
int main(void) {
  int a = 1;
  a = twice(a);
  for (volatile long i = 0; i < 1000000000000; i += 1) a = 3;
  return a;
}
`;

/** The lines, without those that a shell or an adapter may rightly change, in any order. */
function world(text: string): string[] {
  return text
    .split("\n")
    .filter(line => !line.startsWith("environment _="))
    .sort();
}

for (const name of DEBUGGERS) {
  describe(`A program run by ${name}`, () => {
    let folder: string;
    let lines: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "writewatch-launched-"));
      lines = compiledText(LINES, "launched-lines");
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    async function launched(location: string): Promise<{ program: LaunchedProgram; pid: number; thread: number }> {
      const program = new LaunchedProgram(findAdapter(name), 20_000);
      const request = { program: lines, args: [], cwd: "/", input: "/dev/null", output: "/dev/null" };
      await program.launch(request, location);
      const happening = await program.next();
      assert.equal(happening.kind, "stopped");
      const thread = happening.kind === "stopped" ? happening.threadId : 0;
      const [pid] = pidsOf(lines);
      assert.ok(pid);
      return { program, pid, thread };
    }

    it("gets its arguments, environment, signals, folder and input as it does alone", async () => {
      const program = compiledText(WORLD, "launched-world");
      const input = "one\ntwo\0three";
      const inputFile = join(folder, "input");
      const output = join(folder, "output");
      writeFileSync(inputFile, input);
      // A login shell that gdb could not use: it must not be asked.
      const env = { ...process.env, SHELL: "/bin/false" };
      const alone = spawnSync(program, ARGUMENTS, { input, env, encoding: "utf8" });
      const { exitCode, stdout, stderr } = await runTrace({
        args: [
          ...["--debugger", name, "--json", "--steps", "1", "--output", output, "--input", inputFile],
          ...["--program", program, "--", ...ARGUMENTS],
        ],
        env,
      });
      assert.equal(exitCode, 0, stderr);
      assert.deepEqual(world(readFileSync(output, "utf8")), world(alone.stdout));
      assert.match(stdout, new RegExp(`{"event":"exited","exitCode":${alone.status}}\n$`));
    });

    it("steps over one line after another", async () => {
      const { program, thread } = await launched("main");
      try {
        const seen: (number | undefined)[] = [];
        const look = async () => seen.push((await topFrame(program.client, thread))?.line);
        await look();
        for (let i = 0; i < 2; i += 1) {
          await program.client.request("next", { threadId: thread });
          await program.next();
          await look();
        }
        assert.deepEqual(seen, [5, 6, 7]);
      } finally {
        await program.dispose();
      }
    });

    it("can be stopped at a line", async () => {
      const { program, thread } = await launched(`${lines}.c:2`);
      try {
        assert.equal((await topFrame(program.client, thread))?.name.replace(/\(.*/, ""), "twice");
      } finally {
        await program.dispose();
      }
    });

    for (const state of ["stopped", "running"] as const) {
      it(`is told of, and ended, when its adapter is killed while it is ${state}`, async () => {
        const { program, pid, thread } = await launched("main");
        const { client } = program;
        try {
          if (state === "running") await client.request("continue", { threadId: thread });
          const told = assert.rejects(program.next(), /the debug adapter ended \(signal SIGKILL\)/);
          const { pid: adapterPid } = client;
          assert.ok(adapterPid);
          process.kill(adapterPid, "SIGKILL");
          await told;
          await assert.rejects(client.request("threads"), /'threads': the debug adapter ended \(signal SIGKILL\)/);
        } finally {
          await program.dispose();
        }
        for (let i = 0; i < 100 && isAlive(pid); i += 1) await new Promise(resolve => setTimeout(resolve, 20));
        assert.ok(!isAlive(pid), "the program outlived its debugger");
      });
    }

    it("leaves nothing behind when it is disposed of while it runs", async () => {
      const { program, pid, thread } = await launched("main");
      await program.client.request("continue", { threadId: thread });
      await program.dispose();
      for (let i = 0; i < 100 && isAlive(pid); i += 1) await new Promise(resolve => setTimeout(resolve, 20));
      assert.ok(!isAlive(pid));
    });
  });
}

describe("A debug adapter that does not work", () => {
  it("is told with the last it said", async () => {
    const client = new DapClient(
      "none",
      new AdapterProcess({ command: "/bin/sh", args: ["-c", "echo no library found >&2; exit 127"] }),
    );
    await assert.rejects(
      client.request("initialize"),
      /'initialize': the debug adapter ended \(exit code 127\): no library found/,
    );
  });

  it("is told by its name where it can't be started", async () => {
    const client = new DapClient("none", new AdapterProcess({ command: "/nowhere/lldb-dap", args: [] }));
    await assert.rejects(client.request("initialize"), /\/nowhere\/lldb-dap could not be started/);
  });
});

function pidsOf(program: string): number[] {
  const found = spawnSync("pgrep", ["-x", "-f", program], { encoding: "utf8" }).stdout;
  return found.split("\n").filter(Boolean).map(Number);
}

/** A process that has ended, but that nobody has asked for its exit code, is not alive. */
function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

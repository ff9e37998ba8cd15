// What is said where native programs can't be watched: on an older or stricter kernel, on another system, without the native part.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { compiled } from "../compile.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const script = `
  const { AgentKeeper } = await import(${JSON.stringify(new URL("../../src/agent/keeper.ts", import.meta.url).href)});
  const { NO_LOG } = await import(${JSON.stringify(new URL("../../src/common/log.ts", import.meta.url).href)});
  const keeper = new AgentKeeper(${JSON.stringify(path("../../src/agent/main.ts"))}, NO_LOG);
  console.log(await keeper.missing());
  keeper.dispose();`;

/** Run before anything else in a Node and in the agents that it starts. */
const another = (platform: string): string =>
  `Object.defineProperty(process, "platform", { value: ${JSON.stringify(platform)} });`;
const WITHOUT_KOFFI = `import { registerHooks } from "node:module";
  registerHooks({ resolve(name, context, next) { if (name === "koffi") throw new Error("no koffi for this system"); return next(name, context); } });`;

/** An environment in which every Node runs this first. */
function runningFirst(text: string): NodeJS.ProcessEnv {
  const preload = text ? `--import data:text/javascript,${encodeURIComponent(text)}` : "";
  return { ...process.env, NODE_OPTIONS: preload };
}

function missing(through: readonly string[], first = ""): string {
  const [command, ...args] = [...through, process.execPath, "--input-type=module", "-e", script];
  return execFileSync(command, args, { env: runningFirst(first), encoding: "utf8" }).trim();
}

describe("What is missing for native programs", () => {
  let deny: string;

  before(() => {
    deny = compiled(path("deny.c"), "deny");
  });

  it("is nothing on this kernel", () => assert.equal(missing([]), "undefined"));

  for (const [what, call, errno, words] of [
    ["a kernel older than 6.7", "pagemap-scan", "ENOTTY", /PAGEMAP_SCAN.*Linux 6\.7/],
    ["a kernel built without userfaultfd", "userfaultfd", "ENOSYS", /userfaultfd.*ENOSYS.*CONFIG_USERFAULTFD/],
    ["a container that refuses userfaultfd", "userfaultfd", "EPERM", /userfaultfd.*EPERM.*seccomp/],
    ["a userfaultfd without asynchronous protection", "userfaultfd-features", "EINVAL", /UFFDIO_API.*Linux 6\.7/],
  ] as const) {
    it(`is told with the remedy on ${what}`, () => {
      const said = missing([deny, call, String(constants.errno[errno])]);
      assert.match(said, /^Native programs can't be watched here\. /);
      assert.match(said, words);
    });
  }

  it("is Linux on another system, where nothing asks for the native part", () => {
    const said = missing([], WITHOUT_KOFFI + another("darwin"));
    assert.match(said, /^Native programs can't be watched here\. Linux on x86-64 is needed.*this is macOS/);
  });

  it("is the native part where it can't be loaded", () => {
    assert.match(missing([], WITHOUT_KOFFI), /native part \(koffi\) can't be loaded: no koffi for this system/);
  });
});

describe("npm start", () => {
  const start = (through: readonly string[], first = "") => {
    const run = [...through, process.execPath, path("../../scripts/start.ts"), "--headless", "--steps", "2"];
    return spawnSync(run[0], run.slice(1), { env: runningFirst(first), encoding: "utf8" });
  };

  for (const [what, begin] of [
    ["on another system", () => start([], WITHOUT_KOFFI + another("darwin"))],
    [
      "on an older kernel",
      () => start([compiled(path("deny.c"), "deny"), "pagemap-scan", String(constants.errno.ENOTTY)]),
    ],
  ] as const) {
    it(`says what is missing ${what}, and traces a simulated program`, () => {
      const { status, stdout, stderr } = begin();
      assert.equal(status, 0, stderr);
      assert.match(stderr, /^Native programs can't be watched here\. .*\nA simulated program instead\./);
      assert.match(stdout, /^armed process .*\(simulated\)\n.*\.wsim:\d+ main.*\n.*\.wsim:\d+ main/);
    });
  }

  it("installs no compiler and no debugger on another system", () => {
    const commands = JSON.stringify(new URL("../../scripts/setup/commands.mjs", import.meta.url).href);
    const ask = `const { commands } = await import(${commands});
      const args = commands.start.complete(["--headless"]);
      console.log(JSON.stringify({ args, debian: commands.start.needs(args).debian }));`;
    const asked = (first: string): unknown =>
      JSON.parse(
        execFileSync(process.execPath, ["--input-type=module", "-e", ask], {
          env: runningFirst(first),
          encoding: "utf8",
        }),
      );
    assert.deepEqual(asked(another("win32")), { args: ["--simulate", "--headless"], debian: [] });
    assert.deepEqual(asked(""), { args: ["--headless"], debian: ["gcc", "libc6-dev", "lldb-19", "gdb"] });
  });
});

// What is said where native programs can't be watched: on an older or stricter kernel, on another system, without the native part.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { compiled } from "../compile.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const script = `
  const { AgentKeeper } = await import(${JSON.stringify(new URL("../../src/agent/keeper.ts", import.meta.url).href)});
  const keeper = new AgentKeeper(${JSON.stringify(path("../../src/agent/main.ts"))});
  console.log(await keeper.missing());
  keeper.dispose();`;

/** Run before anything else in a Node and in the agents that it starts. */
const another = (platform: string): string =>
  `Object.defineProperty(process, "platform", { value: ${JSON.stringify(platform)} });`;
const WITHOUT_KOFFI = `import { registerHooks } from "node:module";
  registerHooks({ resolve(name, context, next) { if (name === "koffi") throw new Error("no koffi for this system"); return next(name, context); } });`;

function missing(through: readonly string[], first = ""): string {
  const [command, ...args] = [...through, process.execPath, "--input-type=module", "-e", script];
  const preload = first ? `--import data:text/javascript,${encodeURIComponent(first)}` : "";
  const env = { ...process.env, NODE_OPTIONS: preload };
  return execFileSync(command, args, { env, encoding: "utf8" }).trim();
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

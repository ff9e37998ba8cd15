// The arguments of the core and the fork command: what they take, and what they say to anything else.
import assert from "node:assert/strict";
import { parseCoreOptions } from "../../src/trace/core/options.ts";
import { parseForkOptions } from "../../src/trace/fork/options.ts";

describe("The core command's arguments", () => {
  it("name a process and a file, files to join, or one to show", () => {
    assert.deepEqual(parseCoreOptions(["save", "42", "out.core"]), {
      ...{ task: "save", pid: 42, path: "out.core", files: "changed" },
    });
    assert.deepEqual(parseCoreOptions(["save", "42", "out.core", "--with-files"]), {
      ...{ task: "save", pid: 42, path: "out.core", files: "in memory" },
    });
    assert.deepEqual(parseCoreOptions(["join", "0", "1", "2", "out"]), {
      ...{ task: "join", paths: ["0", "1", "2"], target: "out" },
    });
    assert.deepEqual(parseCoreOptions(["show", "x", "--json"]), { task: "show", path: "x", json: true });
    assert.equal(parseCoreOptions(["--help"]), "help");
  });

  for (const [args, why] of [
    [[], /What to do is missing/],
    [["load"], /no 'load' to do/],
    [["save", "42"], /needs OUT\.core/],
    [["save", "0", "x"], /'0' is no process's number/],
    [["save", "4x", "x"], /'4x' is no process's number/],
    [["save", "4", "x", "y"], /takes no y/],
    [["save", "4", "x", "--json"], /--json is of no use to save/],
    [["join", "a", "out"], /a full core, at least one that follows on it, and OUT\.core/],
    [["show"], /needs a core file/],
    [["show", "x", "--with-files"], /--with-files is of no use to show/],
    [["show", "x", "--loud"], /--loud/],
  ] as const) {
    it(`are refused in words: ${args.join(" ") || "none"}`, () => assert.throws(() => parseCoreOptions(args), why));
  }
});

describe("The fork command's arguments", () => {
  it("name both processes, and how often to look", () => {
    assert.deepEqual(parseForkOptions(["7", "8"]), { parent: 7, child: 8, every: 1000, times: Infinity, json: false });
    assert.deepEqual(parseForkOptions(["7", "8", "--every", "50", "--times", "3", "--json"]), {
      ...{ parent: 7, child: 8, every: 50, times: 3, json: true },
    });
  });

  for (const [args, why] of [
    [["7"], /PARENT and CHILD are needed/],
    [["7", "8", "9"], /nothing to do with 9/],
    [["7", "-8"], /-8|Unknown option/],
    [["7", "0"], /CHILD takes a whole number/],
    [["7", "8", "--every", "1.5"], /--every takes a whole number/],
  ] as const) {
    it(`are refused in words: ${args.join(" ")}`, () => assert.throws(() => parseForkOptions(args), why));
  }
});

// The stories of examples/cow are true: which pages a preforked Python worker parts by reading.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { linuxKernel } from "../../src/kernel/linux/linux-kernel.ts";
import { ForkLens, type ForkLook } from "../../src/tracker/fork-lens.ts";

const example = fileURLToPath(new URL("../../examples/cow/preforked.py", import.meta.url));

describe("A preforked Python worker that only reads", () => {
  let server: ChildProcess | undefined;
  afterEach(() => server?.kill("SIGTERM"));

  /** What one request parts of the list. */
  const request = async (kind: string): Promise<{ readonly before: ForkLook; readonly after: ForkLook }> => {
    server = spawn("/usr/bin/python3", [example, kind, "1"], { stdio: ["pipe", "pipe", "inherit"] });
    if (!server.stdout) throw new Error("it has no output");
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    const { value } = await lines.next();
    const [, parent, , worker] = String(value).split(" ");
    const lens = new ForkLens(linuxKernel, Number(parent), Number(worker));
    const before = lens.look();
    server.stdin?.write("request\n");
    assert.equal((await lines.next()).value, "done");
    const after = lens.look();
    server.stdin?.end();
    return { before, after };
  };

  it("parts nearly all of a list of objects, by its own stores", async () => {
    const { before, after } = await request("objects");
    const list = (400_000 * 24) / 4096;
    assert.ok(before.shared.pageCount > list);
    assert.ok(after.byChild.pageCount > list * 0.9, `${after.byChild.pageCount} pages`);
    assert.ok(after.byParent.pageCount < 100, `${after.byParent.pageCount} pages`);
  });

  it("leaves an array of numbers shared", async () => {
    const { after } = await request("array");
    const array = (400_000 * 8) / 4096;
    assert.ok(after.shared.pageCount > array);
    assert.ok(after.byChild.pageCount < array / 4, `${after.byChild.pageCount} pages`);
  });
});

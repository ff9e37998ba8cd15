// A core of a program that a debugger holds: its registers are the debugger's word, and both gdb and lldb read it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compiledText } from "../compile.ts";
import { gdbSays, lldbSays } from "../kernel/core-program.ts";
import { WatchedProgram } from "./session.ts";

const SOURCE = `#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
int counter = 5;
int *heap;
static pthread_barrier_t begun;
static void idle(int number) { pthread_barrier_wait(&begun); for (;;) pause(); }
static void *worker(void *argument) { idle((int)(long)argument); return 0; }
void inner(int depth) {
  counter += depth;
  *heap = counter;
}
static void outer(void) { inner(37); }
int main(void) {
  pthread_t thread;
  heap = malloc(sizeof *heap);
  pthread_barrier_init(&begun, 0, 2);
  pthread_create(&thread, 0, worker, (void *)7);
  pthread_barrier_wait(&begun);
  usleep(50000);
  outer();
  return 0;
}
`;

for (const name of ["lldb-dap", "gdb"] as const) {
  describe(`A core of a program that stands under ${name}`, () => {
    let watched: WatchedProgram;
    let folder: string;
    const program = (): string => compiledText(SOURCE, "held-core");
    const core = (name: string): string => join(folder, `${name}.core`);
    const nothing = (): void => {};

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "writewatch-held-"));
      watched = await WatchedProgram.start(name, program(), "/dev/null", "inner");
    });
    afterEach(async () => {
      await watched.close();
      rmSync(folder, { recursive: true });
    });

    it("has the backtraces that the debugger has, of all threads", async () => {
      const report = await watched.session.saveCore({ path: core("full"), files: "changed", since: false }, nothing);
      assert.deepEqual(report.remarks, []);
      assert.equal(report.threads, 2);
      const said = await gdbSays(core("full"), ["backtrace", "thread apply all backtrace", "print counter"], program());
      assert.match(said, /#0 +(?:0x[0-9a-f]+ in )?inner \(depth=37\)[\s\S]*#1 .*outer \(\)[\s\S]*#2 .*main \(\)/);
      assert.match(said, /in idle \(number=7\)/);
      assert.match(said, /\$1 = 5\n/);
      const lldb = await lldbSays(core("full"), ["thread backtrace all", "expression -- counter"], program());
      assert.match(lldb, /`inner\(depth=37\)[\s\S]*`outer at[\s\S]*`main at/);
      assert.match(lldb, /`idle\(number=7\)/);
      assert.match(lldb, /\(int\) .*5\n/);
    });

    it("is followed by one of what a step wrote, and both join to what the program has then", async () => {
      await watched.arm();
      await watched.session.saveCore({ path: core("0"), files: "changed", since: false }, nothing);
      for (let i = 0; i < 2; i += 1) await watched.request("next");
      await watched.settled();
      const { inheritedPages, pageBytes } = await watched.session.saveCore(
        { path: core("1"), files: "changed", since: true },
        nothing,
      );
      assert.ok(inheritedPages > 0);
      assert.ok(pageBytes > 0);
      await watched.keeper.joinCores({ paths: [core("0"), core("1")], target: core("joined") }, nothing);
      const said = await gdbSays(core("joined"), ["backtrace", "print counter", "print *heap"], program());
      assert.match(said, /\$1 = 42\n\$2 = 42\n/);
      assert.match(said, /#1 .*outer \(\)/);
    });

    it("is refused while the program runs, with what to do", async () => {
      const running = watched.request("continue");
      await assert.rejects(
        watched.session.saveCore({ path: core("full"), files: "changed", since: false }, nothing),
        /pause it first/,
      );
      await running;
    });
  });
}

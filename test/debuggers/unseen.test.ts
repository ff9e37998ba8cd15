// Memory that devices may write is told by the trace command: at the step that lets them.
import assert from "node:assert/strict";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { runTrace } from "./trace-command.ts";

const PROGRAM = `#define _GNU_SOURCE
#include <linux/io_uring.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
int main(void) {
  struct io_uring_params parameters = {0};
  struct iovec buffer = {aligned_alloc(4096, 8192), 8192};
  int ring = (int)syscall(SYS_io_uring_setup, 4, &parameters);
  long refused = syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1);
  return refused != 0;
}
`;

describe("The trace command", () => {
  for (const name of DEBUGGERS) {
    it(`tells with ${name} that devices may write memory unseen, once, after the step that lets them`, async () => {
      const program = compiledText(PROGRAM, "unseen", ["-g", "-O0"]);
      const common = ["--debugger", name, "--program", program];
      const { exitCode, stdout, stderr } = await runTrace({ args: ["--json", ...common] });
      assert.equal(exitCode, 0, stderr);
      const told = stdout
        .trim()
        .split("\n")
        .map(line => JSON.parse(line));
      const places = told.flatMap(({ event }, i) => (event === "unseen" ? [i] : []));
      assert.deepEqual(places, [told.findIndex(({ event, from }) => event === "step" && from.line === 11) + 1]);
      const { unseen, pinnedElsewhere, inFlight } = told[places[0]];
      assert.equal(Number(unseen[0].end) - Number(unseen[0].start), 8192);
      assert.match(unseen[0].reason, /registered as a buffer of the io_uring/);
      assert.deepEqual([unseen.length, pinnedElsewhere, inFlight], [1, 0, []]);

      const text = (await runTrace({ args: common })).stdout;
      assert.match(
        text,
        /unseen\.c:11 main .*\n {2}2 pages may have changed unseen: registered as a buffer .*\nunseen\.c:12 /,
      );
    });
  }
});

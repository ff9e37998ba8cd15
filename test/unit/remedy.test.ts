// What is advised where the kernel refuses.
import assert from "node:assert/strict";
import { Errno } from "../../src/kernel/errno.ts";
import { KernelError } from "../../src/kernel/kernel-error.ts";
import { explainKernelError } from "../../src/kernel/remedy.ts";

describe("A refused system call", () => {
  for (const [call, errno, remedy] of [
    ["userfaultfd", "EMFILE", /The program has as many files open as it may.*ulimit -n/],
    ["open", "EMFILE", /agent has as many files open.*disarm other sessions/],
    ["open", "ENFILE", /This computer has too many files open.*fs\.file-max/],
    ["ioctl UFFDIO_REGISTER", "ENOMEM", /no memory left.*vm\.max_map_count/],
    ["ioctl PAGEMAP_SCAN", "ENOTTY", /Linux 6\.7/],
  ] as const) {
    it(`${call}: ${errno} names what to do`, () => {
      const said = explainKernelError(new KernelError(call, "process 1", Errno[errno]));
      assert.ok(said.startsWith(`${call} on process 1 failed: ${errno}. `));
      assert.match(said, remedy);
    });
  }
});

// What a session does where the kernel, or a container's profile, refuses userfaultfd to its program.
import assert from "node:assert/strict";
import { Errno } from "../../../src/kernel/errno.ts";
import { Model } from "./model.ts";

describe("A session whose program is refused userfaultfd", () => {
  for (const refusal of [Errno.EPERM, Errno.ENOSYS]) {
    it(`is armed by soft-dirty bits where the kernel has them, and says what they can't tell (errno ${refusal})`, async () => {
      const model = new Model({ refusesUserfaultfd: refusal, softDirty: true });
      await model.arm();
      assert.equal(model.backend, "soft-dirty");
      assert.match(
        model.session.status.message,
        /Stopped; armed\. By soft-dirty bits.*all its pages in memory count as written/,
      );
      model.send("next", { threadId: 1 });
      await model.drain(() => 0);
      assert.equal(model.session.recording.steps.last?.written.has(1), true);
    });
  }

  it("is not armed where the kernel has none, and is told the remedy", async () => {
    const model = new Model({ refusesUserfaultfd: Errno.EPERM });
    await assert.rejects(model.arm(), /userfaultfd.*EPERM.*allow the system call userfaultfd in the profile/);
    assert.equal(model.backend, undefined);
  });

  it("is not armed otherwise where only this one call failed", async () => {
    const model = new Model({ refusesUserfaultfd: Errno.EMFILE, softDirty: true });
    await assert.rejects(model.arm(), /as many files open as it may/);
    assert.equal(model.backend, undefined);
  });

  it("is armed as ever where nothing is refused, though the kernel has soft-dirty bits", async () => {
    const model = new Model({ softDirty: true });
    await model.arm();
    assert.equal(model.backend, undefined);
    assert.equal(model.session.status.message, "Stopped; armed.");
  });
});

// Requests over a connection: refusals, deadlines, cancellation, and messages that are not what they should be.
import assert from "node:assert/strict";
import { Cancelled, DeadlineError } from "../../../src/common/deadline.ts";
import { Emitter } from "../../../src/common/emitter.ts";
import { logTo } from "../../../src/common/log.ts";
import { type Call, type Connection, connectOver } from "../../../src/common/post-message.ts";
import { ask, Refusal, RequestType, serve } from "../../../src/common/rpc.ts";
import { object, whole } from "../../../src/common/shape.ts";

const DOUBLE = new RequestType<{ readonly number: number }, number>("double");
const SHAPE = object<{ readonly number: number }>({ number: whole(0, 1000) });
const WAIT = { what: "the other side, asked to double,", milliseconds: 1000 };

function pair(): { near: Connection; far: Connection; log: string[] } {
  const [toNear, toFar] = [new Emitter<unknown>(), new Emitter<unknown>()];
  const lines: string[] = [];
  const log = logTo(
    (_level, line) => lines.push(line),
    () => true,
  );
  const port = (out: Emitter<unknown>, incoming: Emitter<unknown>) => ({
    post: (message: unknown) => out.fire(structuredClone(message)),
    listen: (listener: (message: unknown) => void) => incoming.listen(listener),
  });
  return { near: connectOver(port(toFar, toNear), log), far: connectOver(port(toNear, toFar), log), log: lines };
}

const quiet = logTo(
  () => {},
  () => false,
);

describe("A request", () => {
  it("is answered, typed arrays as they are", async () => {
    const { near, far } = pair();
    serve(far, DOUBLE, SHAPE, ({ number }) => number * 2, quiet);
    assert.equal(await ask(near, DOUBLE, { number: 21 }, WAIT), 42);
    const bytes = new RequestType<{ readonly number: number }, Uint8Array>("bytes");
    serve(far, bytes, SHAPE, ({ number }) => Uint8Array.of(number), quiet);
    assert.deepEqual(await ask(near, bytes, { number: 7 }, WAIT), Uint8Array.of(7));
  });

  it("comes back refused with the refusal's own words", async () => {
    const { near, far } = pair();
    serve(
      far,
      DOUBLE,
      SHAPE,
      () => {
        throw new Refusal("Not today.");
      },
      quiet,
    );
    await assert.rejects(ask(near, DOUBLE, { number: 1 }, WAIT), new Refusal("Not today."));
  });

  it("comes back refused where its parameters are wrong, where nobody serves it, and where the answer fails", async () => {
    const { near, far } = pair();
    await assert.rejects(ask(near, DOUBLE, { number: 1 }, WAIT), Refusal);
    serve(
      far,
      DOUBLE,
      SHAPE,
      () => {
        throw new TypeError("a fault of ours");
      },
      quiet,
    );
    await assert.rejects(ask(near, DOUBLE, { number: 1 }, WAIT), /a fault of ours/);
    await assert.rejects(ask(near, DOUBLE, { number: -1 }, WAIT), /number is not a whole number from 0 to 1000/);
    await assert.rejects(ask(near, DOUBLE, [1] as never, WAIT), /not an object/);
  });

  it("is given up at its deadline, and the other side is told", async () => {
    const { near, far } = pair();
    const ended = new Promise<void>(resolve => {
      const never = (_: unknown, { signal }: Call) =>
        new Promise<number>(() => signal.addEventListener("abort", () => resolve()));
      serve(far, DOUBLE, SHAPE, never, quiet);
    });
    await assert.rejects(ask(near, DOUBLE, { number: 1 }, { ...WAIT, milliseconds: 20 }), DeadlineError);
    await ended;
  });

  it("is cancelled by its signal, and cancellation comes back as cancellation", async () => {
    const { near, far } = pair();
    const ended = new Promise<void>(resolve => {
      const whenAborted = (_: unknown, { signal }: Call) =>
        new Promise<number>((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            resolve();
            reject(new Cancelled());
          });
        });
      serve(far, DOUBLE, SHAPE, whenAborted, quiet);
    });
    const controller = new AbortController();
    const asked = ask(near, DOUBLE, { number: 1 }, { ...WAIT, signal: controller.signal });
    controller.abort();
    await assert.rejects(asked, Cancelled);
    await ended;
    serve(
      far,
      DOUBLE,
      SHAPE,
      () => {
        throw new Cancelled();
      },
      quiet,
    );
    await assert.rejects(ask(near, DOUBLE, { number: 1 }, WAIT), Cancelled);
  });

  it("is answered in the turn in which it arrives where the answer is known at once", () => {
    const { near, far } = pair();
    serve(far, DOUBLE, SHAPE, ({ number }) => number * 2, quiet);
    const answers: unknown[] = [];
    near.ask(DOUBLE.method, { number: 21 }, (_error, result) => answers.push(result));
    assert.deepEqual(answers, [42]);
  });

  it("that waits for its answer is told when the connection is closed, and whoever makes it that nobody waits", async () => {
    const { near, far } = pair();
    const signals: AbortSignal[] = [];
    const never = (_: unknown, { signal }: Call) => {
      signals.push(signal);
      return new Promise<number>(() => {});
    };
    serve(far, DOUBLE, SHAPE, never, quiet);
    const asked = ask(near, DOUBLE, { number: 1 }, WAIT);
    near.dispose();
    await assert.rejects(asked, /the connection was closed/);
    far.dispose();
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true],
    );
  });

  it("given up before its server asks for the signal finds it given", async () => {
    const { near, far } = pair();
    const seen: boolean[] = [];
    const late = async (_: unknown, call: Call) => {
      await Promise.resolve();
      seen.push(call.signal.aborted);
      return 1;
    };
    serve(far, DOUBLE, SHAPE, late, quiet);
    near.giveUp(near.ask(DOUBLE.method, { number: 1 }, () => assert.fail("nobody waits for it")));
    await new Promise(resolve => setImmediate(resolve));
    assert.deepEqual(seen, [true]);
  });

  it("fails at once on a connection that is closed, and what comes afterwards is heard by nobody", async () => {
    const { near, far } = pair();
    let served = 0;
    serve(
      far,
      DOUBLE,
      SHAPE,
      ({ number }) => {
        served += 1;
        return number;
      },
      quiet,
    );
    far.dispose();
    await assert.rejects(ask(near, DOUBLE, { number: 1 }, { ...WAIT, milliseconds: 20 }), DeadlineError);
    assert.equal(served, 0);
    near.dispose();
    await assert.rejects(ask(near, DOUBLE, { number: 1 }, WAIT));
  });
});

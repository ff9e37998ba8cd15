// A small extension that consumes WriteWatch's API, as another publisher would write it: with writewatch.d.ts, and nothing else of ours.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Step, WriteWatch, WriteWatchExports } from "../../src/ui/api/writewatch.d.ts";
import {
  breakAtLines,
  end,
  lineOf,
  openProgram,
  press,
  setLaunchAside,
  stands,
  standsAt,
  start,
  until,
} from "./simulated-session.ts";

const PROGRAM = `fn main() {
  let memory = mmap(8 pages)
  memory[3 * page] = 1
  memory[5 * page] = 2
  print "done"
}
`;

/** All that the consumer does: it keeps for each session what its steps wrote. */
class Consumer {
  readonly told = new Map<string, Step[]>();
  readonly api: WriteWatch;
  private readonly listening: vscode.Disposable;

  constructor(api: WriteWatch) {
    this.api = api;
    this.listening = api.onDidTellStep(({ session, step }) => {
      const steps = (this.told.get(session.id) ?? []).filter(({ number }) => number !== step.number);
      this.told.set(session.id, [...steps, step]);
    });
  }

  static async activate(): Promise<Consumer> {
    const extension = vscode.extensions.getExtension<WriteWatchExports>("writewatch.writewatch");
    const exports = await extension?.activate();
    assert.ok(exports, "WriteWatch is not installed");
    return new Consumer(exports.getApi(1));
  }

  dispose(): void {
    this.listening.dispose();
  }
}

describe("Another extension, by the API,", () => {
  let consumer: Consumer;

  before(async function () {
    // Where WriteWatch runs in another extension host its exports can't be had.
    if (process.env.WRITEWATCH_TEST_WORKER) this.skip();
    await setLaunchAside(true);
    consumer = await Consumer.activate();
  });

  after(async () => {
    consumer?.dispose();
    await end();
    await setLaunchAside(false);
  });

  it("arms a session, hears of its steps and asks who wrote a byte", async () => {
    const document = await openProgram("api.wsim", PROGRAM);
    breakAtLines(document, { "memory[3 * page]": undefined });
    const debugSession = await start();
    const store = lineOf(document, "memory[3 * page]");
    if ((await until("the first stop", () => stands(debugSession))).line !== store) await press("continue");
    await standsAt(debugSession, store);
    const session = consumer.api.session(debugSession.id);
    assert.ok(session, "the API does not know the session");
    await session.arm();
    assert.equal(session.memory, "armed");
    await press("stepOver");
    await standsAt(debugSession, store + 1);
    const scanned = await session.scan();
    const step = consumer.told.get(session.id)?.find(({ pages, by }) => pages > 0 && by !== "scan");
    assert.ok(
      step,
      `no step of ${consumer.told.get(session.id)?.length} wrote anything; the scan was step ${scanned.number}`,
    );
    const [written] = step.written;
    assert.deepEqual(
      session.whoWrote(written.start).map(writer => writer.step),
      [step.number],
    );
    await session.disarm();
    assert.equal(session.memory, "unarmed");
  });
});

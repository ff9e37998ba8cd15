// A real adapter of which one answer is lost, at every index: nothing is waited for for ever, and the program runs on as it was.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import type { DebuggerName } from "../../src/debuggers/launcher.ts";
import { TrackedSession } from "../../src/session/tracked-session.ts";
import type { AdapterLink } from "../../src/trace/adapter-link.ts";
import { type Adapter, findAdapter } from "../../src/trace/adapters.ts";
import { LaunchedProgram } from "../../src/trace/debuggee.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";

const agentModule = fileURLToPath(new URL("../../src/agent/main.ts", import.meta.url));

/** Each takes some seconds; WRITEWATCH_ALL_ANSWERS=1 loses each answer once. */
const SAMPLES = 5;
const isThorough = process.env.WRITEWATCH_ALL_ANSWERS === "1";

/** How long the session waits for an answer, milliseconds. */
const PATIENCE = 1000;
/** Several deadlines one after another: what undoes a call has to be answered, too. */
const ENDURANCE = 30_000;

const PROGRAM = `int counters[4096];
int main(void) {
  counters[0] = 1;
  counters[2048] = 2;
  counters[1024] = 3;
  return counters[0] + counters[2048] + counters[1024];
}
`;
const EXIT_CODE = 6;

/** What answers our own questions: the tests' requests are others. */
const OURS = new Set(["evaluate", "stackTrace", "threads"]);

/** Loses the n-th answer to a question of ours, counted from {@link begin}. */
class LossyLink implements AdapterLink {
  readonly gone: Promise<string>;
  /** Answers that came since the beginning. */
  answers = 0;
  private readonly link: AdapterLink;
  private readonly lost: number;
  private counts = false;

  constructor(link: AdapterLink, lost: number) {
    this.link = link;
    this.lost = lost;
    this.gone = link.gone;
  }

  get pid(): number | undefined {
    return this.link.pid;
  }

  begin(): void {
    this.counts = true;
  }

  /** Nothing is lost any more: what comes now answers nobody's question. */
  end(): void {
    this.counts = false;
  }

  listen(listener: (message: DebugProtocol.ProtocolMessage) => void): void {
    this.link.listen(message => {
      if (!this.counts || !isAnswer(message)) return listener(message);
      this.answers += 1;
      if (this.answers - 1 !== this.lost) listener(message);
    });
  }

  send(message: DebugProtocol.ProtocolMessage): void {
    this.link.send(message);
  }

  dispose(): void {
    this.link.dispose();
  }
}

/** gdb's answers come as output. */
function isAnswer(message: DebugProtocol.ProtocolMessage): boolean {
  if (message.type === "event") return (message as DebugProtocol.Event).event === "output";
  return message.type === "response" && OURS.has((message as DebugProtocol.Response).command);
}

interface Outcome {
  readonly answers: number;
  readonly waitingFor: string | undefined;
  readonly memory: string;
  readonly registered: number;
  readonly descriptors: readonly [before: number, after: number];
  readonly exitCode: number;
}

/** Arms, steps twice, disarms, and lets the program end; the answer with that index never comes. */
async function run(name: DebuggerName, program: string, folder: string, lost: number): Promise<Outcome> {
  const found = findAdapter(name);
  const link = new LossyLink(found.connect(), lost);
  const adapter: Adapter = { ...found, connect: () => link };
  const keeper = new AgentKeeper(agentModule, NO_LOG);
  const launched = new LaunchedProgram(adapter, ENDURANCE);
  const { client } = launched;
  const session = new TrackedSession("lossy", "lossy", client, {
    agent: () => keeper,
    settings: () => ({ arm: DEFAULT_ARM_OPTIONS, autoArm: false, resident: false }),
    patience: PATIENCE,
  });
  client.onToAdapter.listen(message => session.toAdapter(message));
  client.onFromAdapter.listen(message => session.fromAdapter(message));
  try {
    await launched.launch(
      { program, args: [], cwd: folder, input: "/dev/null", output: join(folder, "output") },
      "main",
    );
    const halt = await launched.next();
    assert.equal(halt.kind, "stopped");
    const thread = session.thread ?? 1;
    const pid = session.processId ?? pidOf(program);
    const before = descriptorsOf(pid);
    link.begin();
    await session.arm().catch(() => {});
    launched.forgetStops();
    for (let line = 0; line < 2; line += 1) {
      await client.request("next", { threadId: thread });
      await launched.next();
      await within(session.quiet());
    }
    await within(session.disarm());
    const after = await whenClosed(pid, before);
    const registered = registeredIn(pid);
    link.end();
    await launched.clearBreakpoints();
    await client.request("continue", { threadId: thread });
    const end = await launched.next();
    const { waitingFor, memory } = session.status;
    return {
      answers: link.answers,
      waitingFor,
      memory,
      registered,
      descriptors: [before, after],
      exitCode: end.kind === "ended" ? end.exitCode : -1,
    };
  } finally {
    await launched.dispose();
    keeper.dispose();
  }
}

/** What an arming left open is closed at a later halt. @returns how many descriptors there are then. */
async function whenClosed(pid: number, wanted: number): Promise<number> {
  for (let waited = 0; waited < ENDURANCE && descriptorsOf(pid) !== wanted; waited += 50) await sleep(50);
  return descriptorsOf(pid);
}

async function within<T>(work: Promise<T>): Promise<T> {
  const late = sleep(ENDURANCE, undefined, { ref: false }).then((): never => {
    throw new Error(`somebody still waits after ${ENDURANCE / 1000} s`);
  });
  return Promise.race([work, late]);
}

function pidOf(program: string): number {
  const found = readdirSync("/proc").find(pid => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0")[0] === program;
    } catch {
      return false;
    }
  });
  return Number(found);
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Mappings that are registered with a userfaultfd ("um", "uw"). */
function registeredIn(pid: number): number {
  return readFileSync(`/proc/${pid}/smaps`, "latin1").match(/^VmFlags:.* u[mw]\b/gm)?.length ?? 0;
}

for (const name of DEBUGGERS) {
  describe(`An answer of ${name} that is lost`, function () {
    this.timeout(600_000);
    const folder = mkdtempSync(join(tmpdir(), "writewatch-lost-"));
    let program = "";
    let answers = 0;

    before(async () => {
      program = compiledText(PROGRAM, "lost-answers", ["-g", "-O0"]);
      ({ answers } = await run(name, program, folder, -1));
      assert.ok(answers > 3, "the session asked nothing");
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    it("leaves nobody waiting and the program as it was, whichever it is", async () => {
      const count = isThorough ? answers : SAMPLES;
      for (let sample = 0; sample < count; sample += 1) {
        const lost = isThorough ? sample : Math.floor(((sample + 0.5) * answers) / count);
        const { waitingFor, memory, registered, descriptors, exitCode } = await run(name, program, folder, lost);
        const what = `answer ${lost} of ${answers}`;
        assert.equal(waitingFor, undefined, what);
        assert.notEqual(memory, "arming", what);
        assert.equal(registered, 0, what);
        assert.equal(descriptors[1], descriptors[0], `${what}: a descriptor was left open`);
        assert.equal(exitCode, EXIT_CODE, what);
      }
    });
  });
}

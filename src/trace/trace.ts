// Steps a program from a breakpoint to its end, and tells every step; the trace command's engine.
import { existsSync } from "node:fs";
import type { SourceLocation, Step } from "../recording/step.ts";
import { unseenWords } from "../recording/unseen-words.ts";
import { Driver } from "../session/driver.ts";
import { type ArmSettings, TrackedSession } from "../session/tracked-session.ts";
import type { Hit } from "../session/watch-hit.ts";
import { DEFAULT_ARM_OPTIONS, DEFAULT_CONTENTS_PAGES } from "../tracker/policy.ts";
import { type ArmReport, EMPTY_LAYOUT, type Layout } from "../tracker/reports.ts";
import type { ByteRange } from "../tracker/watches/reports.ts";
import { LaunchedProgram } from "./debuggee.ts";
import { nativeTarget } from "./native-target.ts";
import type { SimulatedOptions, TraceOptions } from "./options.ts";
import { whyNoSteps } from "./program-checks.ts";
import { RecordFile } from "./record-file.ts";
import { runToEnd, runToHits } from "./run-to-hits.ts";
import type { Target } from "./target.ts";

export interface TraceListener {
  armed(pid: number, report: ArmReport): void;
  /** Told after `armed`, and after each step that changed it, where devices may write the program's memory. */
  unseen(layout: Layout): void;
  step(step: Step): void;
  /** Stores into it are stopped at from now on; `notes` tell of limits, a sentence each. */
  watching(what: string, ranges: readonly ByteRange[], notes: readonly string[]): void;
  hit(hit: Hit): void;
  /** What is known in the end of how a watch did, and was not before: a sentence. */
  noted(what: string, note: string): void;
  /** The program stands because of a signal; `what` is the debugger's account of it. */
  signal(what: string, place: SourceLocation | undefined): void;
  exited(exitCode: number): void;
}

/**
 * Runs the whole trace.
 * @param agentModule the agent's main module.
 * @throws {Error} with what was tried and the remedy; the program and its debugger are gone then.
 */
export async function trace(options: TraceOptions, agentModule: string, listener: TraceListener): Promise<void> {
  const record = options.record === undefined ? undefined : new RecordFile(options.record);
  const target = "simulator" in options ? await simulated(options) : nativeTarget(options, agentModule);
  const launched = new LaunchedProgram(target.adapter, options.timeout);
  target.observe(launched.client);
  const session = new TrackedSession("trace", options.program, launched.client, {
    agent: () => target.agent,
    settings: () => ({
      arm: armOptions(options),
      autoArm: false,
      resident: record !== undefined,
      ...(options.stopAtWrite ? { misses: options.stopAtWrite.misses } : {}),
    }),
    patience: options.timeout,
  });
  launched.client.onToAdapter.listen(message => session.toAdapter(message));
  launched.client.onFromAdapter.listen(message => session.fromAdapter(message));
  const endAll = async (): Promise<void> => {
    await launched.dispose();
    target.dispose();
    await target.flush();
  };
  const onSignal = (signal: NodeJS.Signals): void =>
    void endAll().finally(() => process.exit(signal === "SIGINT" ? 130 : 143));
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);

  try {
    await launched.launch(target.request, target.location);
    const end = await stepThrough(launched, session, options, listener, record);
    await target.flush();
    await record?.close();
    listener.exited(end);
  } catch (error) {
    // What was recorded so far is kept; that it can't be is told where nothing else went wrong.
    await record?.close().catch(() => {});
    throw error;
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    await endAll();
  }
}

function armOptions({ bytes }: TraceOptions): ArmSettings {
  return bytes ? { ...DEFAULT_ARM_OPTIONS, contentsPages: DEFAULT_CONTENTS_PAGES } : DEFAULT_ARM_OPTIONS;
}

/** Loaded on demand: a native program starts without the simulator. */
async function simulated(options: SimulatedOptions): Promise<Target> {
  const { simulatedTarget } = await import("./simulated-target.ts");
  return simulatedTarget(options);
}

/** @returns the program's exit code. */
async function stepThrough(
  launched: LaunchedProgram,
  session: TrackedSession,
  options: TraceOptions,
  listener: TraceListener,
  record: RecordFile | undefined,
): Promise<number> {
  let now = await launched.next();
  if (now.kind === "ended") {
    throw new Error(
      `The program ended (exit code ${now.exitCode}) before it came to ${options.break ?? "its first line"}: give --break another location.`,
    );
  }
  await session.arm();
  launched.forgetStops();
  record?.begin(session, options.program);
  const { recording } = session;
  if (recording.arming && recording.pid !== undefined) listener.armed(recording.pid, recording.arming);
  let told = unseenWords(EMPTY_LAYOUT).join();
  const tellUnseen = (layout: Layout): void => {
    const words = unseenWords(layout).join();
    if (words !== told) listener.unseen(layout);
    told = words;
  };
  if (recording.layout) tellUnseen(recording.layout);

  if (options.stopAtWrite) return runToHits(launched, session, { ...options.stopAtWrite, first: now }, listener);
  const silent = options.steps > 0 ? whyNoSteps(options.program, session.location) : undefined;
  if (silent) throw new Error(silent);
  const driver = new Driver(session, launched.client);
  for (let steps = 0; now.kind === "stopped" && steps < options.steps && hasSource(session); steps += 1) {
    await driver.letGo("next", now.threadId);
    now = await launched.next();
    if (now.kind === "ended") break;
    const step = await driver.stepOfThisHalt();
    if (step) {
      listener.step(step);
      await record?.afterStep();
      tellUnseen(step.layout);
    } else if (session.isArmed && recording.arming && recording.pid !== undefined)
      listener.armed(recording.pid, recording.arming);
    if (now.signal) listener.signal(now.signal, session.location);
  }
  if (now.kind === "stopped") await launched.clearBreakpoints();
  return now.kind === "ended" ? now.exitCode : runToEnd(launched, now);
}

/** After main returns, the program stands in libc's start-up code: there are no lines left to step. */
function hasSource(session: TrackedSession): boolean {
  const source = session.location?.source;
  return source !== undefined && existsSync(source);
}

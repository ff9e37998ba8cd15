// A debug session as other extensions see it: plain data, and the few things that may be done with it.

import { hex } from "../../memory/contents/byte-words.ts";
import { addressText } from "../../recording/contents/json.ts";
import { stepJson } from "../../recording/json.ts";
import type { Step as RecordedStep } from "../../recording/step.ts";
import { byteWritersOf } from "../../recording/writers.ts";
import type { TrackedSession } from "../../session/tracked-session.ts";
import * as check from "./checks.ts";
import type { Session, Step, Writer } from "./writewatch.d.ts";

/** What of a session the API stands on. */
export type ApiSession = Pick<
  TrackedSession,
  "id" | "name" | "debugType" | "processId" | "status" | "isArmed" | "recording" | "arm" | "disarm" | "scanNow"
>;

const MOST_WRITERS = 1000;
const MOST_BYTES = 1 << 30;

/** @param isTrusted whether the user trusts the workspace: in others nothing is armed on behalf of another extension. */
export function sessionOf(session: ApiSession, isTrusted: () => boolean): Session {
  const steps = (): ApiSession["recording"]["steps"] => session.recording.steps;
  return Object.freeze({
    id: session.id,
    name: session.name,
    debugType: session.debugType,
    get processId() {
      return session.processId;
    },
    get program() {
      return session.status.program;
    },
    get memory() {
      return session.status.memory;
    },
    get message() {
      return session.status.message;
    },
    get stepNumbers() {
      const list = steps();
      return Object.freeze(Array.from({ length: list.count }, (_, i) => list.at(i)?.number ?? 0));
    },
    step(number: number) {
      const step = steps().byNumber(check.whole(number, "a step's number", 1, Number.MAX_SAFE_INTEGER));
      return step && stepOf(step);
    },
    async arm(token?: unknown) {
      const called = check.signal(token);
      if (!isTrusted())
        throw new Error("Nothing is armed for other extensions in a workspace that the user does not trust.");
      await session.arm(called);
    },
    disarm: () => session.disarm(),
    async scan() {
      if (!session.isArmed) throw new Error(`The program is not armed. ${session.status.message}`);
      if (session.status.program !== "stopped") throw new Error("The program is not stopped: pause it, then scan.");
      const step = await session.scanNow();
      if (!step) throw new Error(`The scan told nothing. ${session.status.message}`);
      return stepOf(step);
    },
    whoWrote(address: string | number, length = 1, most = 20) {
      const start = check.address(address);
      const end = start + check.whole(length, "a length", 1, MOST_BYTES);
      const { writers } = byteWritersOf(steps(), start, end, check.whole(most, "a limit", 1, MOST_WRITERS));
      return check.frozen(writers.map(writerOf));
    },
  });
}

export function stepOf(step: RecordedStep): Step {
  const { event: _event, step: number, doubts = [], scanMicroseconds: _time, ...rest } = stepJson(step);
  return check.frozen({ number, ...rest, doubts, settled: step.settled });
}

function writerOf({ step, changes }: ReturnType<typeof byteWritersOf>["writers"][number]): Writer {
  return {
    step: step.number,
    from: step.from ?? null,
    ...(changes
      ? {
          changes: changes.map(({ address, before, after }) => ({
            address: addressText(0, address),
            before: hex(before),
            after: hex(after),
          })),
        }
      : {}),
  };
}

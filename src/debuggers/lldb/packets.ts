// Packets of the GDB remote protocol, from lldb to its server past lldb itself: what they do to the program, lldb does not see.

import { fromRegister } from "../registers.ts";
import { type LldbContext, runCommand } from "./commands.ts";

/** Has no answer of its own, so that what is waiting is read. */
const NO_QUESTION = "+";

/** What stands before an answer. */
const ANSWER = "response: ";

/**
 * Sends one packet to lldb's server.
 * @param again as in {@link runCommand}, of what answers begin with.
 * @returns its answer; empty where the server does not know the packet.
 * @throws {Error} with lldb's words where there is no server, or it does not answer.
 */
export async function packet(context: LldbContext, text: string, again: readonly string[] = []): Promise<string> {
  const answers = again.map(start => `${ANSWER}${start}`);
  let said = await runCommand(context, `process plugin packet send "${text}"`, answers);
  for (;;) {
    const answer = new RegExp(`^${ANSWER}(.*)$`, "m").exec(said)?.[1];
    if (answer === undefined) throw new Error(`lldb could not ask its server for '${text}': ${said.trim()}`);
    // What a child of the program's printed this very moment comes before the answer, which is waiting then.
    if (!/^O([0-9a-f]{2})+$/.test(answer)) return answer;
    said = await runCommand(context, `process plugin packet send "${NO_QUESTION}"`);
  }
}

/** The same for a packet that must be answered by OK. @throws {Error} it was not. */
export async function command(context: LldbContext, text: string): Promise<void> {
  const answer = await packet(context, text);
  if (answer !== "OK") throw new Error(`lldb's server refused '${text}': ${answer || "it does not know it"}`);
}

/** Why a thread stopped, as the server tells it. */
export interface StopReply {
  readonly signal: number;
  /** Registers by the server's numbers. */
  readonly registers: ReadonlyMap<number, bigint>;
}

/** @returns undefined where the text tells of no stopped thread: the program has ended. */
export function parseStopReply(text: string): StopReply | undefined {
  const signal = /^T([0-9a-f]{2})/.exec(text)?.[1];
  if (signal === undefined) return undefined;
  const registers = new Map<number, bigint>();
  for (const [, number, value] of text.matchAll(/(?<=^T..|;)([0-9a-f]{2}):([0-9a-f]{16});/g)) {
    if (number && value) registers.set(Number.parseInt(number, 16), fromRegister(value));
  }
  return { signal: Number.parseInt(signal, 16), registers };
}

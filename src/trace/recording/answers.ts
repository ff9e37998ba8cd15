// What a recording answers on the command line: lines of text, or JSON a line.
import { counted } from "../../common/counted.ts";
import { hex } from "../../memory/contents/byte-words.ts";
import { REASON_WORDS } from "../../memory/contents/form.ts";
import { addressOf, PAGE_SIZE, pageOf } from "../../memory/page.ts";
import { NOT_KEPT } from "../../recording/contents/byte-state.ts";
import { bytesAround } from "../../recording/contents/surroundings.ts";
import { changedLines } from "../../recording/contents/words.ts";
import type { FileRecording } from "../../recording/file/file-recording.ts";
import { stepJson } from "../../recording/json.ts";
import { rangeNamed } from "../../recording/named-range.ts";
import type { Step } from "../../recording/step.ts";
import { sentence } from "../../recording/summary.ts";
import { type ByteRange, writerWords } from "../../recording/writer-words.ts";
import { byteWritersOf, type Writer } from "../../recording/writers.ts";

/** Nobody reads more. */
const MOST_WRITERS = 10_000;
/** Bytes that are shown at once. */
const MOST_BYTES = 1 << 20;
const LINE = 16;

/** One line of an answer, as text and as JSON. */
export interface Answer {
  readonly text: string;
  readonly json: object;
}

/** Who wrote these bytes, newest first. @throws {Error} the recording does not know what is asked for. */
export function* whoAnswers({ steps }: FileRecording, what: string): Generator<Answer> {
  const range = rangeNamed(steps, what);
  const { writers, hasMore } = byteWritersOf(steps, range.address, range.address + range.size, MOST_WRITERS);
  for (const writer of writers) yield { text: writerLine(writer, range), json: writerJson(writer) };
  const bytes = `${counted(range.size, "byte")} at 0x${range.address.toString(16)}`;
  const forgotten = steps.forgotten > 0 ? `; ${counted(steps.forgotten, "older step")} were forgotten` : "";
  const none = writers.length === 0 ? `no step of the recording changed ${bytes}` : bytes;
  yield {
    text: `${none}${hasMore ? `; only the last ${MOST_WRITERS} are told` : ""}${forgotten}`,
    json: {
      event: "range",
      address: `0x${range.address.toString(16)}`,
      length: range.size,
      writers: writers.length,
      hasMore,
      forgotten: steps.forgotten,
    },
  };
}

/** What one step changed. @throws {Error} there is no such step. */
export function* stepAnswers(recording: FileRecording, number: number): Generator<Answer> {
  const step = stepOf(recording, number);
  const lines = [
    `step ${number}  ${placeWords(step)}  ${sentence(step)}`,
    ...changedLines(step).map(line => `  ${line}`),
  ];
  yield { text: lines.join("\n"), json: stepJson(step) };
}

export function* stepsAnswers({ steps }: FileRecording): Generator<Answer> {
  for (const step of steps)
    yield { text: `step ${step.number}  ${placeWords(step)}  ${sentence(step)}`, json: stepJson(step) };
}

/** The bytes as they were when a step ended. @throws {Error} there is no such step, or no such range. */
export function* bytesAnswers(recording: FileRecording, number: number, what: string): Generator<Answer> {
  if (number > 0) stepOf(recording, number);
  const { address, size } = rangeNamed(recording.steps, what);
  if (size > MOST_BYTES)
    throw new Error(`At most ${MOST_BYTES.toLocaleString("en")} bytes are told at once: ask for fewer.`);
  for (let at = address; at < address + size; ) {
    const page = pageOf(at);
    const end = Math.min(address + size, addressOf(page + 1));
    const { bytes, why } = pageBytes(recording, page, number);
    const part = bytes.subarray(at - addressOf(page), end - addressOf(page));
    const isKnown = !part.includes(NOT_KEPT);
    yield {
      text: [...linesOf(at, part), ...(isKnown || !why ? [] : [`  (?? is not known: ${why})`])].join("\n"),
      json: {
        event: "bytes",
        step: number,
        address: `0x${at.toString(16)}`,
        length: part.length,
        bytes: isKnown ? hex(Uint8Array.from(part)) : null,
        ...(isKnown ? {} : { known: knownRuns(at, part), why }),
      },
    };
    at = end;
  }
}

function stepOf({ steps }: FileRecording, number: number): Step {
  const step = steps.byNumber(number);
  if (step) return step;
  const [first, last] = [steps.at(0)?.number, steps.last?.number];
  throw new Error(
    first === undefined
      ? "The recording has no steps."
      : `There is no step ${number}: the recording has ${first} to ${last}.`,
  );
}

/** Where a copy of the page is kept, all of it; else what the steps around tell. */
function pageBytes(recording: FileRecording, page: number, number: number): { bytes: Int16Array; why?: string } {
  const found = recording.pageAfter(page, number);
  if ("bytes" in found) return { bytes: Int16Array.from(found.bytes) };
  const words = found.unknown === "not copied" ? "the recording has no copy of the page" : REASON_WORDS[found.unknown];
  const around = number > 0 ? bytesAround(recording.steps, page, number) : new Int16Array(PAGE_SIZE).fill(NOT_KEPT);
  return { bytes: around, why: words };
}

function writerLine(writer: Writer, range: ByteRange): string {
  const { label, description, detail } = writerWords(writer, range);
  return `${label.padEnd(28)} ${detail}  (${description})`;
}

function writerJson({ step, changes, isShared }: Writer): object {
  return {
    event: "writer",
    step: step.number,
    from: step.from ?? null,
    to: step.to ?? null,
    by: step.by,
    thread: step.thread ?? null,
    changes:
      changes?.map(({ address, before, after }) => ({
        address: `0x${address.toString(16)}`,
        before: hex(before),
        after: hex(after),
      })) ?? null,
    shared: isShared,
  };
}

function placeWords({ from }: Step): string {
  if (!from) return "?";
  const file = from.source?.slice(from.source.lastIndexOf("/") + 1) ?? "?";
  return `${file}:${from.line} ${from.function}`;
}

function* linesOf(address: number, bytes: Int16Array): Generator<string> {
  for (let at = 0; at < bytes.length; at += LINE) {
    const part = [...bytes.subarray(at, at + LINE)];
    const pairs = part.map(byte => (byte === NOT_KEPT ? "??" : byte.toString(16).padStart(2, "0"))).join(" ");
    const text = part.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    yield `0x${(address + at).toString(16)}: ${pairs.padEnd(LINE * 3 - 1)}  ${text}`;
  }
}

function knownRuns(address: number, bytes: Int16Array): object[] {
  const runs: object[] = [];
  for (let at = 0; at < bytes.length; ) {
    let end = at;
    while (end < bytes.length && bytes[end] !== NOT_KEPT) end += 1;
    if (end > at)
      runs.push({ address: `0x${(address + at).toString(16)}`, bytes: hex(Uint8Array.from(bytes.subarray(at, end))) });
    at = end + 1;
  }
  return runs;
}

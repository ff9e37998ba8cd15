// The recording command: `npm run recording`.
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { MOST_FILE_BYTES } from "../../recording/file/blocks.ts";
import { FileRecording } from "../../recording/file/file-recording.ts";
import { UsageError } from "../options.ts";
import { print } from "../printing.ts";
import { type Answer, bytesAnswers, stepAnswers, stepsAnswers, whoAnswers } from "./answers.ts";
import { parseRecordingOptions, type Question, RECORDING_USAGE } from "./options.ts";
import { writeReport } from "./report.ts";

try {
  const options = parseRecordingOptions(process.argv.slice(2));
  if (options === "help") process.stdout.write(RECORDING_USAGE);
  else {
    const bytes = bytesOf(options.file);
    const recording = await FileRecording.read(basename(options.file), bytes);
    if (recording.lack) process.stderr.write(`${recording.lack}\n`);
    for (const { text, json } of answers(recording, bytes, options.question))
      print(options.json ? JSON.stringify(json) : text);
  }
  process.exit(0);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof UsageError ? `${message}\n\n${RECORDING_USAGE}` : `writewatch: ${message}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}

function answers(recording: FileRecording, bytes: Uint8Array, question: Question): Iterable<Answer> {
  switch (question.ask) {
    case "who":
      return whoAnswers(recording, question.what);
    case "step":
      return stepAnswers(recording, question.step);
    case "at":
      return bytesAnswers(recording, question.step, question.what);
    case "steps":
      return stepsAnswers(recording);
    case "report":
      return [writeReport(recording, bytes, question.target)];
  }
}

/** @throws {Error} it can't be read, with the reason. */
function bytesOf(file: string): Uint8Array {
  try {
    const status = statSync(file);
    // A pipe or a device would never end.
    if (!status.isFile()) throw new Error("it is no file");
    if (status.size > MOST_FILE_BYTES) throw new Error(`it has more than ${MOST_FILE_BYTES / 1024 / 1024} MiB`);
    return readFileSync(file);
  } catch (error) {
    throw new Error(`${file} can't be opened: ${(error as Error).message}.`, { cause: error });
  }
}

// One recording alone, with nothing of VS Code around it: what a report and a file's own editor show.
import type { Recording } from "../recording/recording.ts";
import { Recordings, type SessionsSource } from "./recordings.ts";

const NO_SESSIONS: SessionsSource = {
  all: [],
  shown: undefined,
  show: () => {},
  onChange: { listen: () => ({ dispose: () => {} }) },
  onStep: { listen: () => ({ dispose: () => {} }) },
};

export function recordingsOf(recording: Recording): Recordings {
  const recordings = new Recordings(NO_SESSIONS);
  recordings.open(recording);
  return recordings;
}

// The timeline as the page asks for it: a recording's steps as bars, as many as there is room for.
import type { Recording } from "../recording/recording.ts";
import { Timeline } from "../recording/timeline.ts";
import type { TimelineQuery, TimelineReply } from "./protocol.ts";

const timelines = new WeakMap<Recording, Timeline>();

/** The one timeline of a recording: what it has read of the steps stays read. */
export function timelineOf(recording: Recording): Timeline {
  let known = timelines.get(recording);
  if (!known) {
    known = new Timeline(recording.steps);
    timelines.set(recording, known);
  }
  return known;
}

export function timelineReply(recording: Recording, { view: wanted, bars, measure }: TimelineQuery): TimelineReply {
  const { steps, revision } = recording;
  const oldest = steps.at(0)?.number ?? 0;
  const newest = steps.last?.number ?? 0;
  const view = {
    first: Math.max(oldest, Math.min(newest, wanted?.first ?? oldest)),
    last: Math.max(oldest, Math.min(newest, wanted?.last ?? newest)),
  };
  return { revision, oldest, newest, view, ...timelineOf(recording).bars({ ...view, most: bars, measure }) };
}

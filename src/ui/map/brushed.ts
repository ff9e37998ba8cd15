// What the steps that are looked at wrote together, for the map: the chosen one's, or those of one or two brushes.
import { PageSet } from "../../memory/page-set.ts";
import type { Recording } from "../../recording/recording.ts";
import { Unions } from "../../recording/span.ts";
import type { Step } from "../../recording/step.ts";
import type { MapLook } from "../protocol.ts";
import { NOTHING_WRITTEN, type Wrote } from "./chosen.ts";
import { Recent } from "./recent.ts";

const unions = new WeakMap<Recording, Unions>();
const wrotes = new WeakMap<Recording, Recent<Wrote>>();

/** The unions of a recording's steps, so far as they are kept. */
export function unionsOf(recording: Recording): Unions {
  let known = unions.get(recording);
  if (!known) {
    known = new Unions(recording.steps);
    unions.set(recording, known);
  }
  return known;
}

/** The same object for the same steps, as long as nothing more is told of them. */
export function wroteOf(recording: Recording, step: Step | undefined, look: MapLook | undefined): Wrote {
  const { brush, other } = look ?? {};
  if (!brush) return step ?? NOTHING_WRITTEN;
  let recent = wrotes.get(recording);
  if (!recent) {
    recent = new Recent(4);
    wrotes.set(recording, recent);
  }
  return recent.get([recording.revision, brush.first, brush.last, other?.first, other?.last], () => {
    const here = unionsOf(recording).of(brush);
    return { written: other ? here.union(unionsOf(recording).of(other)) : here, kernel: PageSet.EMPTY };
  });
}

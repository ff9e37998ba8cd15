// What is painted over what on the map, the topmost first.
import type { PageClass, Recording } from "../../recording/recording.ts";
import type { Step } from "../../recording/step.ts";
import { MapLayer } from "../protocol.ts";
import type { Layer } from "./cells.ts";

/** Steps before the chosen one that still show. */
export const OLDER_STEPS = MapLayer.OLDER_LAST - MapLayer.OLDER_FIRST + 1;

const CLASS_LAYERS: Readonly<Record<PageClass["name"], number>> = {
  file: MapLayer.FILE,
  private: MapLayer.PRIVATE,
  "zero page": MapLayer.ZERO,
  huge: MapLayer.HUGE,
  swapped: MapLayer.SWAPPED,
  written: MapLayer.WRITTEN,
};

/** @param step the chosen one. */
export function layersOf(recording: Recording, step: Step | undefined): Layer[] {
  if (recording.kind === "scan") {
    return recording.classes.map(({ name, pages }) => ({ layer: CLASS_LAYERS[name], pages })).reverse();
  }
  const layers: Layer[] = [];
  if (step) {
    layers.push(writtenLayer(MapLayer.WRITTEN, step));
    layers.push({ layer: MapLayer.KERNEL, pages: step.kernel });
    layers.push({ layer: MapLayer.DEBUGGER, pages: step.debugger });
    const position = recording.steps.indexOf(step.number);
    for (let back = 1; back <= OLDER_STEPS; back += 1) {
      const older = recording.steps.at(position - back);
      if (older) layers.push(writtenLayer(MapLayer.OLDER_FIRST + back - 1, older));
    }
  }
  layers.push({ layer: MapLayer.RESIDENT, pages: recording.resident });
  return layers.filter(({ pages }) => !pages.isEmpty);
}

function writtenLayer(layer: number, { written, kernel }: Step): Layer {
  return { layer, pages: written, ...(kernel.isEmpty ? {} : { without: kernel }) };
}

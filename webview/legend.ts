// What the map's colours and shapes mean, each with a cell that looks as on the map.
import { counted } from "../src/common/counted.ts";
import { type MapBlock, MapLayer, type RecordingItem } from "../src/ui/protocol.ts";
import { element } from "./elements.ts";
import { CELL } from "./map/cell.ts";
import { type Palette, stamp } from "./map/cells.ts";

interface Entry {
  readonly name: string;
  readonly layer: number;
}

const OF_STEPS: readonly Entry[] = [
  { name: "this step", layer: MapLayer.WRITTEN },
  { name: "older steps", layer: MapLayer.OLDER_FIRST },
  { name: "debugger", layer: MapLayer.DEBUGGER },
  { name: "kernel (rseq)", layer: MapLayer.KERNEL },
  { name: "in memory", layer: MapLayer.RESIDENT },
  { name: "unpopulated", layer: MapLayer.HOLE },
];

const OF_SCANS: readonly Entry[] = [
  { name: "written", layer: MapLayer.WRITTEN },
  { name: "file", layer: MapLayer.FILE },
  { name: "private", layer: MapLayer.PRIVATE },
  { name: "zero page", layer: MapLayer.ZERO },
  { name: "huge", layer: MapLayer.HUGE },
  { name: "swapped", layer: MapLayer.SWAPPED },
  { name: "unpopulated", layer: MapLayer.HOLE },
];

export class Legend {
  readonly root = element("div", { className: "legend", testId: "legend" });
  private shown = "";

  update(kind: RecordingItem["kind"], palette: Palette, blocks: readonly MapBlock[]): void {
    const scale = scaleWords(blocks);
    const signature = `${kind === "scan"} ${palette.join()} ${scale} ${devicePixelRatio}`;
    if (signature === this.shown) return;
    this.shown = signature;
    const entries = kind === "scan" ? OF_SCANS : OF_STEPS;
    this.root.replaceChildren(
      ...entries.map(({ name, layer }) => element("span", { className: "legend-entry" }, swatch(layer, palette), name)),
      element("span", { className: "legend-scale", text: scale }),
    );
  }
}

/** "a cell is 1 to 64 pages", of what is in sight. */
export function scaleWords(blocks: readonly Pick<MapBlock, "pagesPerCell">[]): string {
  if (blocks.length === 0) return "";
  const scales = blocks.map(({ pagesPerCell }) => pagesPerCell);
  const [least, most] = [Math.min(...scales), Math.max(...scales)];
  return least === most
    ? `a cell is ${counted(least, "page")}`
    : `a cell is ${least.toLocaleString("en")} to ${counted(most, "page")}`;
}

function swatch(layer: number, palette: Palette): HTMLElement {
  const canvas = element("canvas", { className: "swatch", attributes: { "aria-hidden": "true" } });
  canvas.width = CELL - 1;
  canvas.height = CELL - 1;
  const image = new ImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  stamp({ pixels, width: canvas.width, height: canvas.height }, 0, 0, layer, 255, palette);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

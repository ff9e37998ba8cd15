// What the map's colours and shapes mean, each with a cell that looks as on the map.

import { counted } from "../src/common/counted.ts";
import { t } from "../src/common/l10n.ts";
import { PAGE_SIZE } from "../src/memory/page.ts";
import { type MapBlock, MapLayer, type RecordingItem } from "../src/ui/protocol.ts";
import { element, setText } from "./elements.ts";
import { CELL } from "./map/cell.ts";
import { type Palette, stamp } from "./map/cells.ts";
import type { Slots } from "./slots.ts";
import type { State } from "./state.ts";

interface Entry {
  readonly name: string;
  readonly layer: number;
}

const OF_STEPS: readonly Entry[] = [
  { name: t("this step"), layer: MapLayer.WRITTEN },
  { name: t("older steps"), layer: MapLayer.OLDER_FIRST },
  { name: t("debugger"), layer: MapLayer.DEBUGGER },
  { name: t("kernel (rseq)"), layer: MapLayer.KERNEL },
  { name: t("in memory"), layer: MapLayer.RESIDENT },
  { name: t("unpopulated"), layer: MapLayer.HOLE },
];

const OF_SCANS: readonly Entry[] = [
  { name: t("written"), layer: MapLayer.WRITTEN },
  { name: t("file"), layer: MapLayer.FILE },
  { name: t("private"), layer: MapLayer.PRIVATE },
  { name: t("zero page"), layer: MapLayer.ZERO },
  { name: t("huge"), layer: MapLayer.HUGE },
  { name: t("swapped"), layer: MapLayer.SWAPPED },
  { name: t("unpopulated"), layer: MapLayer.HOLE },
];

/** Of cells that are less than a page. */
const OF_BYTES: readonly Entry[] = [
  { name: t("same bytes in a written page"), layer: MapLayer.SAME },
  { name: t("bytes not known"), layer: MapLayer.UNKNOWN },
];

const OF_TWO: readonly Entry[] = [
  { name: t("only here"), layer: MapLayer.ONLY_HERE },
  { name: t("only there"), layer: MapLayer.ONLY_THERE },
  { name: t("both"), layer: MapLayer.BOTH },
];

export class Legend {
  readonly root = element("div", { className: "legend", testId: "legend" });
  private readonly entries = element("span", { className: "legend-entries" });
  private readonly scale = element("span", { className: "legend-scale" });
  private shown = "";

  constructor() {
    this.root.append(this.entries, this.scale);
  }

  update(kind: RecordingItem["kind"], palette: Palette, { slots, timeline }: State): void {
    const { shown } = slots.map;
    setText(this.scale, scaleWords(shown?.reply.blocks ?? []));
    const entries = kind === "scan" ? OF_SCANS : entriesOf(shown, timeline);
    const signature = JSON.stringify([entries, [...palette], devicePixelRatio]);
    if (signature === this.shown) return;
    this.shown = signature;
    this.entries.replaceChildren(
      ...entries.map(({ name, layer }) => element("span", { className: "legend-entry" }, swatch(layer, palette), name)),
    );
  }
}

const MEMORY = OF_STEPS.slice(-2);

/** Of what the map shows, which may be what was asked for before. */
function entriesOf(shown: Slots["map"]["shown"], { brush }: State["timeline"]): readonly Entry[] {
  const { look } = shown?.query ?? {};
  if (!look) {
    const isByByte = shown?.reply.blocks.some(({ pagesPerCell }) => pagesPerCell < 1);
    return isByByte ? [...OF_STEPS.slice(0, 1), ...OF_BYTES, ...OF_STEPS.slice(1)] : OF_STEPS;
  }
  if (look.brush && look.other) return [...OF_TWO, ...MEMORY];
  const [early, late] = look.brush ? [t("first of the brush"), t("last of it")] : [t("long ago"), t("just now")];
  const degrees = (words: readonly [string, string]): Entry[] => [
    { name: words[0], layer: MapLayer.DEGREE_FIRST },
    { name: "", layer: MapLayer.DEGREE_FIRST + 3 },
    { name: words[1], layer: MapLayer.DEGREE_LAST },
  ];
  switch (look.color) {
    case "step":
      return [{ name: brush ? t("any brushed step") : t("this step"), layer: MapLayer.WRITTEN }, ...MEMORY];
    case "last":
      return [...degrees([t("last written: {0}", early), late]), ...MEMORY];
    case "first":
      return [...degrees([t("first written: {0}", early), late]), ...MEMORY];
    case "count":
      return [...degrees([t("written by 1 step"), t("64 and more")]), ...MEMORY];
    default: {
      const classes = (shown?.reply.classes ?? []).map((name, i) => ({ name, layer: MapLayer.CLASS_FIRST + i }));
      const others = look.color === "thread" ? [{ name: t("other threads"), layer: MapLayer.CLASS_LAST }] : [];
      return [...classes, ...others, ...MEMORY];
    }
  }
}

/** "a cell is 1 to 64 pages", of what is in sight. */
export function scaleWords(blocks: readonly Pick<MapBlock, "pagesPerCell">[]): string {
  if (blocks.length === 0) return "";
  const scales = blocks.map(({ pagesPerCell }) => pagesPerCell);
  const [least, most] = [Math.min(...scales), Math.max(...scales)];
  return least === most
    ? t("a cell is {0}", cellWords(least))
    : t("a cell is {0} to {1}", cellWords(least), cellWords(most));
}

/** "4 pages", "64 bytes". */
export function cellWords(pages: number): string {
  return pages < 1 ? counted(pages * PAGE_SIZE, "byte") : counted(pages, "page");
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

// The colours of the map's layers in the current theme.
import { MapLayer } from "../../src/ui/protocol.ts";
import type { Rgb, Theme } from "../theme.ts";
import type { Palette } from "./cells.ts";

/** Greys are the foreground's colour in parts, so that they suit whatever lies behind the page. */
const HOLE = { usual: 0.09, highContrast: 0.2 };
const RESIDENT = { usual: 0.32, highContrast: 0.5 };
/** How much of its colour the oldest step that still shows keeps. */
const OLDEST = { usual: 0.4, highContrast: 0.75 };
/** How much of its colour the least degree keeps. */
const LEAST = { usual: 0.6, highContrast: 0.85 };
const UNKNOWN = { usual: 0.6, highContrast: 0.85 };

export function paletteOf({ colors, ink, highContrast }: Theme): Palette {
  const palette = new Uint32Array(MapLayer.UNKNOWN + 1);
  const set = (layer: number, color: Rgb, alpha = 1): void => {
    palette[layer] = word(color, alpha);
  };
  const part = highContrast ? "highContrast" : "usual";
  set(MapLayer.HOLE, ink, HOLE[part]);
  set(MapLayer.RESIDENT, ink, RESIDENT[part]);
  const ages = MapLayer.OLDER_LAST - MapLayer.OLDER_FIRST;
  for (let age = 0; age <= ages; age += 1) {
    set(MapLayer.OLDER_FIRST + age, colors.older, 1 - (age / ages) * (1 - OLDEST[part]));
  }
  set(MapLayer.DEBUGGER, colors.debugger);
  set(MapLayer.KERNEL, colors.kernel);
  set(MapLayer.WRITTEN, colors.written);
  set(MapLayer.FILE, colors.file);
  set(MapLayer.PRIVATE, colors.private);
  set(MapLayer.ZERO, colors.zero, RESIDENT[part]);
  set(MapLayer.HUGE, colors.huge);
  set(MapLayer.SWAPPED, colors.swapped);
  const degrees = MapLayer.DEGREE_LAST - MapLayer.DEGREE_FIRST;
  for (let degree = 0; degree <= degrees; degree += 1) {
    set(MapLayer.DEGREE_FIRST + degree, colors.written, 1 - (1 - degree / degrees) * (1 - LEAST[part]));
  }
  for (let i = MapLayer.CLASS_FIRST; i <= MapLayer.CLASS_LAST; i += 1) set(i, colors.parts[i - MapLayer.CLASS_FIRST]);
  set(MapLayer.ONLY_HERE, colors.written);
  set(MapLayer.ONLY_THERE, colors.there);
  set(MapLayer.BOTH, colors.both);
  // Quieter than what did change.
  set(MapLayer.SAME, ink, RESIDENT[part]);
  set(MapLayer.UNKNOWN, ink, UNKNOWN[part]);
  return palette;
}

/** The word of memory that ImageData wants on a little-endian machine. */
function word([r, g, b]: Rgb, alpha: number): number {
  return ((Math.round(alpha * 255) << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;
}

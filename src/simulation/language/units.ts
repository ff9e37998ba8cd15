// Units of memory that may stand behind a number.
import { PAGE_SIZE } from "../../memory/page.ts";

export const UNITS: ReadonlyMap<string, number> = new Map([
  ["byte", 1],
  ["bytes", 1],
  ["page", PAGE_SIZE],
  ["pages", PAGE_SIZE],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
  ["TiB", 2 ** 40],
]);

/** Units that people try, and what they should write. */
export const MISTAKEN_UNITS: ReadonlyMap<string, string> = new Map([
  ["KB", "KiB"],
  ["kB", "KiB"],
  ["kb", "KiB"],
  ["Kib", "KiB"],
  ["kib", "KiB"],
  ["K", "KiB"],
  ["MB", "MiB"],
  ["mb", "MiB"],
  ["Mib", "MiB"],
  ["mib", "MiB"],
  ["M", "MiB"],
  ["GB", "GiB"],
  ["gb", "GiB"],
  ["Gib", "GiB"],
  ["gib", "GiB"],
  ["G", "GiB"],
  ["TB", "TiB"],
  ["Tib", "TiB"],
  ["tib", "TiB"],
  ["T", "TiB"],
  ["Pages", "pages"],
  ["Page", "page"],
  ["Bytes", "bytes"],
]);

// How much the live kernel reads around a page that it needs from the disk of the tests' file.
import { readFileSync, statSync } from "node:fs";

const PAGE_KIB = 4;
const DEFAULT_KIB = 128;

/** In pages, for the disk that holds `path`. */
export function readAroundPages(path: string): number {
  const { dev } = statSync(path);
  // Linux's encoding of a device number (include/linux/kdev_t.h, new_encode_dev).
  const major = (dev >>> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00);
  try {
    return Number(readFileSync(`/sys/class/bdi/${major}:${minor}/read_ahead_kb`, "utf8")) / PAGE_KIB;
  } catch {
    return DEFAULT_KIB / PAGE_KIB;
  }
}

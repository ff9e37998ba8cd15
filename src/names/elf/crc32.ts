// The checksum by which .gnu_debuglink knows its file: CRC-32 as of zlib (bfd/opncls.c, bfd_calc_gnu_debuglink_crc32).
import { crc32 as crc32OfBytes } from "../../common/crc32.ts";
import type { ByteSource } from "../bytes.ts";

const PIECE = 1 << 20;

/** Of all bytes of a file, read a piece at a time. */
export function crc32(source: ByteSource): number {
  let crc = 0;
  for (let at = 0; at < source.size; at += PIECE)
    crc = crc32OfBytes(source.read(at, Math.min(PIECE, source.size - at)), crc);
  return crc;
}

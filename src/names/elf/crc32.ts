// The checksum by which .gnu_debuglink knows its file: CRC-32 as of zlib (bfd/opncls.c, bfd_calc_gnu_debuglink_crc32).
import type { ByteSource } from "../bytes.ts";

const PIECE = 1 << 20;
const POLYNOMIAL = 0xedb88320;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** Of all bytes of a file, read a piece at a time. */
export function crc32(source: ByteSource): number {
  let crc = 0xffff_ffff;
  for (let at = 0; at < source.size; at += PIECE) {
    for (const byte of source.read(at, Math.min(PIECE, source.size - at))) {
      crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff];
    }
  }
  return ~crc >>> 0;
}

// Unpacks compressed debug information with what Node has: zlib always, zstd from Node 22.15 on.
import { promisify } from "node:util";
import zlib from "node:zlib";
import type { Unpack } from "../names/dwarf/sections.ts";

const inflate = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.inflate);
/** Other threads work in pieces so long: small ones cost more turns than work. Bytes. */
const PIECE = 1 << 20;

export const unpack: Unpack = async (how, packed, size) => {
  const options = { maxOutputLength: Math.max(1, size), chunkSize: Math.min(PIECE, Math.max(64, size)) };
  if (how === "zlib") return inflate(packed, options);
  // The types are those of a newer Node than the oldest VS Code brings.
  if (typeof zlib.zstdDecompress !== "function")
    throw new Error(
      "it is compressed by zstd, which this VS Code's Node does not know (link with -gz=zlib, or update VS Code)",
    );
  return promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress)(packed, options);
};

// Finds the file that a program's debug information was split off to, where distributions and debuggers keep it (gdb's manual, "Separate Debug Files").
import type { ByteSource } from "../bytes.ts";
import type { Unpack } from "../dwarf/sections.ts";
import { crc32 } from "./crc32.ts";
import { type ElfHeaders, readHeaders } from "./headers.ts";
import { buildIdOf, debugLinkOf, sharedLinkOf } from "./notes.ts";

/** Where debug files of a whole system are. */
const DEBUG = "/usr/lib/debug";

/** A file without a build-id that is larger is not read for its checksum, which would take seconds. Bytes. */
const MOST_SUMMED = 1 << 30;

export interface OpenDebugFile {
  /** Path of the file whose debug information is looked for. */
  readonly path: string;
  /** @returns the file; undefined where there is none. */
  open(path: string): ByteSource | undefined;
  /** Absent: what is compressed stays so, and the file says it. */
  readonly unpack?: Unpack | undefined;
}

export interface DebugFile {
  readonly path: string;
  readonly source: ByteSource;
  readonly headers: ElfHeaders;
}

/**
 * @returns undefined where there is none that belongs to this very build: the same build-id, or where one has none, the checksum
 *   that the program names.
 */
export function findDebugFile(source: ByteSource, headers: ElfHeaders, files: OpenDebugFile): DebugFile | undefined {
  const id = buildIdOf(source, headers);
  const link = debugLinkOf(source, headers);
  const folder = files.path.slice(0, files.path.lastIndexOf("/") + 1) || "./";
  const candidates = [
    ...(id !== undefined && id.length > 2 ? [`${DEBUG}/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`] : []),
    ...(link ? [`${folder}${link.file}`, `${folder}.debug/${link.file}`, `${DEBUG}${folder}${link.file}`] : []),
  ];
  for (const path of candidates) {
    if (path === files.path) continue;
    const found = files.open(path);
    if (!found) continue;
    const itsHeaders = headersOf(found);
    if (!itsHeaders) continue;
    const itsId = buildIdOf(found, itsHeaders);
    const isLinked = (): boolean => link !== undefined && found.size <= MOST_SUMMED && crc32(found) === link.crc;
    if (id !== undefined && itsId !== undefined ? id === itsId : isLinked())
      return { path, source: found, headers: itsHeaders };
  }
  return undefined;
}

/**
 * The file that has what the debug information of several programs shares.
 * @param path of the file that names it. @returns undefined where none is named; "missing" where the one that is named is not there.
 */
export function findSharedFile(
  source: ByteSource,
  headers: ElfHeaders,
  path: string,
  files: OpenDebugFile,
): DebugFile | undefined | "missing" {
  const link = sharedLinkOf(source, headers);
  if (!link) return undefined;
  const { id } = link;
  const named = link.path.startsWith("/") ? link.path : `${path.slice(0, path.lastIndexOf("/") + 1)}${link.path}`;
  for (const candidate of [named, `${DEBUG}/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`]) {
    const found = files.open(candidate);
    const itsHeaders = found && headersOf(found);
    if (found && itsHeaders && buildIdOf(found, itsHeaders) === id)
      return { path: candidate, source: found, headers: itsHeaders };
  }
  return "missing";
}

/** What lies there need not be one. */
function headersOf(source: ByteSource): ElfHeaders | undefined {
  try {
    return readHeaders(source);
  } catch {
    return undefined;
  }
}

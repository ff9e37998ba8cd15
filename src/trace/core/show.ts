// What a core file is of, in a few lines.
import { NO_BASE } from "../../core/chain.ts";
import { NoteType } from "../../core/notes.ts";
import type { PieceKind } from "../../core/pieces.ts";
import { type CoreFile, readCore } from "../../core/read.ts";
import { formatSize } from "../../memory/page.ts";
import { type ByteSource, textAt, viewOf } from "../../names/bytes.ts";

/** @throws {BadFile} it is no core of ours, or damaged. */
export function describeCore(source: ByteSource): { readonly text: string; readonly json: object } {
  const core = readCore(source);
  const { chain, notes, pieces } = core;
  const info = notes.find(({ type }) => type === NoteType.PRPSINFO)?.bytes;
  const command = info ? textAt(info.subarray(56), 0) : "";
  const threads = notes
    .filter(({ type }) => type === NoteType.PRSTATUS)
    .map(({ bytes }) => viewOf(bytes).getInt32(32, true));
  const pages = pagesOf(core);
  const isFull = chain.base === NO_BASE;
  const line = (words: string, kind: PieceKind): string[] =>
    pages[kind] === 0 ? [] : [`${words}: ${formatSize(pages[kind])}`];
  const text = [
    `process ${chain.pid}: ${command}`,
    `threads: ${threads.join(", ")}`,
    isFull ? "a full core" : `number ${chain.sequence} of a chain: what was written since ${chain.base}`,
    `its id: ${chain.id}`,
    ...line("memory in it", "bytes"),
    ...line("memory that stands in the files before", "inherited"),
    ...line("untouched memory, zeroes", "zeroes"),
    ...line("not in it (files' own pages, or not readable)", "absent"),
  ].join("\n");
  const json = {
    pid: chain.pid,
    command,
    threads,
    id: chain.id,
    base: isFull ? null : chain.base,
    sequence: chain.sequence,
    pages,
    pieces: pieces.length,
  };
  return { text, json };
}

function pagesOf({ pieces }: CoreFile): Record<PieceKind, number> {
  const pages = { bytes: 0, zeroes: 0, inherited: 0, absent: 0 };
  for (const { kind, start, end } of pieces) pages[kind] += end - start;
  return pages;
}

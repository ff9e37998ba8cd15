// Joins a chain of core files, a full one and those with what was written since, into one: the full one that could have been taken last.
import { Cancelled } from "../common/deadline.ts";
import { addressOf, formatAddress } from "../memory/page.ts";
import { BadFile, type ByteSource, readExactly } from "../names/bytes.ts";
import { NO_BASE } from "./chain.ts";
import { layOut } from "./layout.ts";
import { type Piece, PieceList } from "./pieces.ts";
import { type CoreFile, readCore, type StoredRun } from "./read.ts";
import { type CoreSink, writePages } from "./sink.ts";

/** One file of a chain, with the name that messages call it by. */
export interface NamedSource {
  readonly name: string;
  readonly source: ByteSource;
}

export interface JoinOptions {
  /** Whether the files are given in any order. */
  readonly sort?: boolean;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly turn: () => Promise<void>;
}

/** A file of the chain, read. */
interface Link {
  readonly name: string;
  readonly core: CoreFile;
}

/** Pages copied at once: 4 MiB. */
const AT_ONCE = 1024;

/**
 * Writes what a full core would have been when the last one was saved: the same bytes but for its id and number, which stay the last
 * one's, so that what was saved next can be joined to it.
 * @param files in the order in which they were saved, the full one first, unless they are to be sorted.
 * @returns bytes of the joined file.
 * @throws {BadFile} one of them is no such file, or they are no chain, with the file's name and what to do; {Cancelled}.
 */
export async function joinCores(files: readonly NamedSource[], sink: CoreSink, options: JoinOptions): Promise<number> {
  const links = files.map(readLink);
  if (options.sort) links.sort((a, b) => a.core.chain.sequence - b.core.chain.sequence);
  checkChain(links);
  const last = links[links.length - 1];
  const list = new PieceList();
  for (const piece of last.core.pieces) {
    list.add(piece.kind === "inherited" ? { ...piece, kind: "bytes" } : piece);
  }
  const { id, sequence, pid, gap } = last.core.chain;
  const layout = layOut(list.list, last.core.notes, { id, base: NO_BASE, sequence, pid, gap });
  const told = list.list.filter(({ kind }) => kind === "bytes");
  // Found before anything is written, so that a page nobody has is told before hours of copying.
  for (const { start, end } of told) for (const _ of runsOf(links, start, end)) void _;
  await sink.write(layout.head);
  await sink.skip(layout.gap);
  const all = addressOf(told.reduce((sum, { start, end }) => sum + end - start, 0));
  let done = 0;
  for (const { start, end, kind } of layout.contents) {
    if (kind !== "bytes") {
      await sink.skip(addressOf(end - start));
      continue;
    }
    for (const { link, run } of runsOf(links, start, end)) {
      for (let page = run.start; page < run.end; page += AT_ONCE) {
        if (options.signal?.aborted) throw new Cancelled();
        const next = Math.min(run.end, page + AT_ONCE);
        const offset = run.offset + addressOf(page - run.start);
        const bytes = readExactly(link.core.source, offset, addressOf(next - page), `pages of ${link.name}`);
        await writePages(sink, aligned(bytes));
        done += bytes.length;
        options.onProgress?.(done, all);
        await options.turn();
      }
    }
  }
  return layout.size;
}

function readLink({ name, source }: NamedSource): Link {
  try {
    return { name, core: readCore(source) };
  } catch (error) {
    if (error instanceof BadFile) throw new BadFile(`${name} can't be joined: ${error.message}.`);
    throw error;
  }
}

function checkChain(links: readonly Link[]): void {
  const [first, ...others] = links;
  if (!first || others.length === 0)
    throw new BadFile("To join takes a full core file and at least one that follows on it.");
  if (first.core.chain.base !== NO_BASE) {
    const full = others.find(({ core }) => core.chain.base === NO_BASE);
    throw new BadFile(
      `${first.name} holds only what was written since the file before it: ${full ? `begin with ${full.name}, which is full` : "begin with the full core of its chain"}.`,
    );
  }
  let before = first;
  for (const link of others) {
    checkFollows(before, link, links);
    before = link;
  }
}

function checkFollows(before: Link, link: Link, links: readonly Link[]): void {
  const [from, to] = [before.core.chain, link.core.chain];
  if (to.base === from.id && to.sequence === from.sequence + 1 && to.pid === from.pid) return;
  if (to.base === NO_BASE) throw new BadFile(`${link.name} is a full core: a chain has one, at its beginning.`);
  const base = links.find(({ core }) => core.chain.id === to.base);
  if (base === link || to.id === from.id) throw new BadFile(`${link.name} is given twice, or follows on itself.`);
  if (base) {
    throw new BadFile(
      `${link.name} follows on ${base.name}, not on ${before.name}: give the files in the order in which they were saved.`,
    );
  }
  throw new BadFile(
    `${link.name} does not follow on ${before.name}: it is number ${to.sequence} of process ${to.pid}'s chain and follows on a file that is not given ` +
      `(${before.name} is number ${from.sequence}${from.pid === to.pid ? "" : `, of process ${from.pid}`}). Give the file that was saved before it, too.`,
  );
}

/**
 * Where the bytes of pages [start, end) stand: in the last file, or the one before, and so on.
 * @throws {BadFile} no file has one of them.
 */
function* runsOf(links: readonly Link[], start: number, end: number): Generator<{ link: Link; run: StoredRun }> {
  for (let page = start; page < end; ) {
    const found = find(links, page, end);
    yield found;
    page = found.run.end;
  }
}

function find(links: readonly Link[], page: number, end: number): { link: Link; run: StoredRun } {
  let stop = end;
  for (let i = links.length - 1; i >= 0; i -= 1) {
    const { core } = links[i];
    const stored = covering(core.stored, page);
    if (stored) {
      const offset = stored.offset + addressOf(page - stored.start);
      return { link: links[i], run: { start: page, end: Math.min(stop, stored.end), offset } };
    }
    const piece = covering(core.pieces, page);
    if (piece?.kind !== "inherited") {
      const by = links[i + 1]?.name ?? links[i].name;
      throw new BadFile(
        `${by} leaves the page at ${formatAddress(page)} to ${links[i].name}, which does not have it: one of them is damaged.`,
      );
    }
    stop = Math.min(stop, piece.end);
  }
  throw new BadFile(
    `${links[0].name} leaves the page at ${formatAddress(page)} to a file before it, and is not full: it is damaged.`,
  );
}

/** The one of these, in address order, that holds the page. */
function covering<T extends Pick<Piece, "start" | "end">>(pieces: readonly T[], page: number): T | undefined {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pieces[middle].end <= page) low = middle + 1;
    else high = middle;
  }
  return low < pieces.length && pieces[low].start <= page ? pieces[low] : undefined;
}

/** For looking at whole words: a piece of a file in memory may begin anywhere. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
}

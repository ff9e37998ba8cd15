// What came of a program on one side: a record an operation, in words for comparing and in fields for reading.
import { WordReader } from "./words.ts";

export interface Account {
  /** "done", or why it ended early. */
  readonly end: string;
  /** Records, in the words that performer.c describes. */
  readonly words: Buffer;
}

/** What one operation answered and what the arena looked like afterwards. */
export interface OperationRecord {
  /** The call's result, or -errno; of loads and stores how many were made. */
  readonly result: bigint;
  /** Signal and si_code of a fault; 0 without one. */
  readonly fault: number;
  readonly faultAddress: bigint;
  /** What the call gave: bytes loaded, an ioctl's struct and the regions it wrote, pagemap entries. */
  readonly given: readonly bigint[];
  /** start, end, flags (1 r, 2 w, 4 x, 8 shared, 16 has an inode), offset. */
  readonly mappings: readonly (readonly bigint[])[];
  /** start, end, categories, of a scan over the whole arena that changes nothing; or its -errno. */
  readonly regions: readonly (readonly bigint[])[] | bigint;
  /** Pagemap entries of the pages around the middle. */
  readonly pages: readonly bigint[];
  /** What second threads have ended by now that had to wait: the process's number, then result, fault, its address, words given. */
  readonly late: readonly (readonly bigint[])[];
}

export function records(account: Account): OperationRecord[] {
  const reader = new WordReader(account.words);
  const list: OperationRecord[] = [];
  while (!reader.isAtEnd) list.push(record(reader));
  return list;
}

function record(reader: WordReader): OperationRecord {
  const result = reader.next();
  const fault = Number(reader.next());
  const faultAddress = BigInt.asUintN(64, reader.next());
  const given = reader.take(Number(reader.next()));
  const mappings = tuples(reader, reader.next(), 4);
  const count = reader.next();
  const regions = count < 0n ? count : tuples(reader, count, 3);
  const pages = reader.take(Number(reader.next()));
  const late = Array.from({ length: Number(reader.next()) }, () => {
    const process = reader.next();
    return [process, ...reader.take(Number(reader.next()))];
  });
  return { result, fault, faultAddress, given, mappings, regions, pages, late };
}

function tuples(reader: WordReader, count: bigint, width: number): bigint[][] {
  return Array.from({ length: Number(count) }, () => reader.take(width));
}

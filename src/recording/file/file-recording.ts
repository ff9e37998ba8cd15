// A recording read from a file: no process stands behind it.
import type { Disposable } from "../../common/disposable.ts";
import { BadShape } from "../../common/shape.ts";
import { Changes } from "../../memory/contents/changes.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import type { ArmReport, Layout } from "../../tracker/reports.ts";
import { type PageAfter, pageAfter } from "../contents/history.ts";
import { newestPage } from "../contents/newest.ts";
import { KnownNames } from "../known-names.ts";
import type { RecordedMemory } from "../memory.ts";
import type { Recording, StepList } from "../recording.ts";
import type { StepBudget } from "../step-store.ts";
import { type FileContents, type PageCopy, readFile } from "./reader.ts";
import type { CopiesRecord, Head } from "./records.ts";

export class FileRecording implements Recording {
  readonly id: string;
  readonly kind = "file";
  readonly title: string;
  readonly head: Head;
  readonly pid: number | undefined;
  readonly arming: ArmReport | undefined;
  readonly layout: Layout | undefined;
  readonly resident: PageSet;
  readonly classes = [];
  readonly steps: StepList;
  readonly everWritten: PageSet;
  readonly microseconds = undefined;
  readonly revision = 0;
  /** What the file lacks, in a sentence; undefined where it is whole. */
  readonly lack: string | undefined;
  readonly memory: RecordedMemory = {
    newest: async pages => ({
      pages: pages.map(page => newestPage(this.steps, page, this.copies.get(page))),
      present: [],
      since: Changes.NONE,
    }),
    names: async (start, end, most) => this.known.of(start, end, most),
  };
  private readonly copies: ReadonlyMap<number, PageCopy>;
  private readonly known: KnownNames;

  private constructor(title: string, contents: FileContents) {
    this.id = `file-${crypto.randomUUID()}`;
    this.title = title;
    this.head = contents.head;
    this.pid = contents.pid;
    this.arming = contents.arming;
    this.layout = contents.layout;
    this.resident = contents.resident;
    this.steps = contents.steps;
    this.everWritten = contents.everWritten;
    this.lack = contents.lack;
    this.copies = contents.copies;
    this.known = new KnownNames(contents.steps, contents.layout);
  }

  /**
   * Reads a file's bytes. Others get their turn of the event loop in between.
   * @param title the file's name.
   * @throws {Error} it is no recording, or not one that can be read, in a sentence.
   */
  static async read(title: string, bytes: Uint8Array, budget?: StepBudget): Promise<FileRecording> {
    try {
      return new FileRecording(title, await readFile(bytes, budget));
    } catch (error) {
      if (!(error instanceof BadShape)) throw error;
      throw new Error(`${title} can't be opened: ${error.message}.`, { cause: error });
    }
  }

  /** The page as it was when step `number` ended; 0 for what it was when the memory was armed. */
  pageAfter(page: number, number: number): PageAfter {
    return pageAfter(this.steps, page, number, newestPage(this.steps, page, this.copies.get(page)));
  }

  /** The copies of pages, as they stand in the file. */
  copyRecords(): CopiesRecord[] {
    const byStep = Map.groupBy(
      [...this.copies].sort(([a], [b]) => a - b),
      ([, { after }]) => after,
    );
    return [...byStep].map(([after, copies]) => {
      const bytes = new Uint8Array(copies.length * PAGE_SIZE);
      for (const [i, [, copy]] of copies.entries()) bytes.set(copy.bytes, i * PAGE_SIZE);
      return { after, pages: PageSet.from(copies.map(([page]): [number, number] => [page, page + 1])), bytes };
    });
  }

  /** It never changes. */
  onChange(): Disposable {
    return { dispose: () => {} };
  }
}

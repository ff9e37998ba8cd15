// Forms: how a value is written down and read back, each declared once; a record's form is made of smaller ones.
import { BadShape } from "../../common/shape.ts";
import { type PageSet, RunBuilder } from "../../memory/page-set.ts";
import { PAGES_END } from "../../memory/page-set-chunks.ts";
import type { Sink } from "./sink.ts";
import type { Source } from "./source.ts";

export interface Form<T> {
  write(sink: Sink, value: T): void;
  /** @throws {BadShape} there is no such value. */
  read(source: Source): T;
}

/** A whole number from 0 to `most`. */
export function whole(most = Number.MAX_SAFE_INTEGER): Form<number> {
  return { write: (sink, value) => sink.whole(value), read: source => source.whole(most) };
}

/** Zigzag: 0, -1, 1, -2, … as 0, 1, 2, 3, … */
export const signed: Form<number> = {
  write: (sink, value) => sink.whole(value < 0 ? -2 * value - 1 : 2 * value),
  read: source => {
    const code = source.whole();
    return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
  },
};

/** Any number from 0 on: microseconds may have fractions. */
export const quantity: Form<number> = {
  write: (sink, value) => {
    const isWhole = Number.isInteger(value) && value >= 0 && value < 2 ** 50;
    sink.whole(isWhole ? value * 2 : 1);
    if (!isWhole) sink.double(value);
  },
  read: source => {
    const head = source.whole();
    if (head % 2 === 0) return head / 2;
    const value = source.double();
    if (!(value >= 0 && value <= Number.MAX_VALUE)) throw new BadShape("a quantity is no number from 0 on");
    return value;
  },
};

export const flag: Form<boolean> = {
  write: (sink, value) => sink.byte(value ? 1 : 0),
  read: source => {
    const byte = source.byte();
    if (byte > 1) throw new BadShape(`${byte} is neither yes nor no`);
    return byte === 1;
  },
};

/** A text that comes once, or rarely. */
export const text: Form<string> = { write: (sink, value) => sink.text(value), read: source => source.text() };

/** A text that other records have too: told once, then by its number. */
export const sharedText: Form<string> = {
  write: (sink, value) => {
    const { texts } = sink.before;
    const known = texts.get(value);
    sink.whole(known ?? texts.size);
    if (known !== undefined) return;
    texts.set(value, texts.size);
    sink.text(value);
  },
  read: source => source.before.sharedText(source.whole(), source),
};

/** One of a few words, by its place among them: new words come last. */
export function oneOf<const T extends string>(...words: readonly T[]): Form<T> {
  return {
    write: (sink, value) => sink.byte(words.indexOf(value)),
    read: source => {
      const index = source.byte();
      if (index >= words.length) throw new BadShape(`word ${index} is none of ${words.join(", ")}`);
      return words[index];
    },
  };
}

export function optional<T>(form: Form<T>): Form<T | undefined> {
  return {
    write: (sink, value) => {
      flag.write(sink, value !== undefined);
      if (value !== undefined) form.write(sink, value);
    },
    read: source => (flag.read(source) ? form.read(source) : undefined),
  };
}

export function list<T>(form: Form<T>, most: number): Form<readonly T[]> {
  return {
    write: (sink, values) => {
      sink.whole(values.length);
      for (const value of values) form.write(sink, value);
    },
    read: source => {
      const count = source.count(most);
      const values: T[] = [];
      for (let i = 0; i < count; i += 1) values.push(form.read(source));
      return values;
    },
  };
}

/** Fields one after another, in the order in which they are declared; one that is undefined is left out of what is read. */
export function record<T extends object>(fields: { readonly [K in keyof T]-?: Form<T[K]> }): Form<T> {
  const entries = Object.entries(fields) as [keyof T, Form<unknown>][];
  return {
    write: (sink, value) => {
      for (const [name, form] of entries) form.write(sink, value[name]);
    },
    read: source => {
      const value: Partial<Record<keyof T, unknown>> = {};
      for (const [name, form] of entries) {
        const field = form.read(source);
        if (field !== undefined) value[name] = field;
      }
      return value as T;
    },
  };
}

/** A last field, which older writers did not have: nothing is written of an empty list. */
export function trailing<T>(item: Form<readonly T[]>): Form<readonly T[]> {
  return {
    write: (sink, value) => {
      if (value.length > 0) item.write(sink, value);
    },
    read: source => (source.left === 0 ? [] : item.read(source)),
  };
}

/** A value that is often the same as in the record before. @param same compares values that are not the same object. */
export function repeated<T>(form: Form<T>, same: (a: T, b: T) => boolean): Form<T> {
  const key = {};
  return {
    write: (sink, value) => {
      const { last } = sink.before;
      const isSame = last.has(key) && (last.get(key) === value || same(last.get(key) as T, value));
      flag.write(sink, isSame);
      if (isSame) return;
      last.set(key, value);
      form.write(sink, value);
    },
    read: source => {
      const { last } = source.before;
      if (flag.read(source)) {
        if (!last.has(key)) throw new BadShape("a value repeats one that was never told");
        return last.get(key) as T;
      }
      const value = form.read(source);
      last.set(key, value);
      return value;
    },
  };
}

/** Runs of pages: how many, then for each its distance from the one before, and its pages less one. */
export const pages: Form<PageSet> = {
  write: (sink, set) => {
    sink.whole(set.runCount);
    let end = 0;
    for (const [start, next] of set.pairs()) {
      sink.whole(start - end);
      sink.whole(next - start - 1);
      end = next;
    }
  },
  read: source => {
    const count = source.count(PAGES_END);
    const builder = new RunBuilder(Math.min(count, 1 << 16));
    let end = 0;
    for (let i = 0; i < count; i += 1) {
      const start = end + source.whole();
      end = start + source.whole() + 1;
      if (end > PAGES_END) throw new BadShape(`pages up to ${end} are none that a process could have`);
      builder.add(start, end);
    }
    return builder.finish();
  },
};

/** The pages of one mapping, or range: where it begins, and how many there are. */
export const extent = {
  write: (sink: Sink, { start, end }: { readonly start: number; readonly end: number }): void => {
    sink.whole(start);
    sink.whole(end - start);
  },
  read: (source: Source): { readonly start: number; readonly end: number } => {
    const start = source.whole();
    const end = start + source.whole();
    if (end <= start || end > PAGES_END) throw new BadShape(`pages ${start} to ${end} are no range`);
    return { start, end };
  },
} satisfies Form<{ readonly start: number; readonly end: number }>;

/** Bytes, their number first. A copy: what is read must not hold on to the block that it came in. */
export const bytes: Form<Uint8Array> = {
  write: (sink, value) => {
    sink.whole(value.length);
    sink.raw(value);
  },
  read: source => source.raw(source.whole(source.left)).slice(),
};

// What the extension would tell the page: realistic sessions, mappings and steps, made in the page itself as typed arrays.
import { Category } from "../../../src/memory/category.ts";
import { kindOf } from "../../../src/memory/mapping.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import type { MappingRow, SessionView, StepView, ToPage } from "../../../src/views/panel-messages.ts";
import { MAPS } from "./maps.ts";

const GIB = 1024 ** 3 / 4096;

/** The same numbers in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function rowsOf(maps: string): MappingRow[] {
  const rows = maps
    .trim()
    .split("\n")
    .map((line): MappingRow => {
      const [range, permissions, , device, inode, ...words] = line.split(/\s+/);
      const [start, end] = range.split("-").map(address => Number(BigInt(`0x${address}`) >> 12n));
      const name = words.join(" ");
      const kind = kindOf({ start, end, permissions, offset: 0, device, inode: Number(inode), name });
      const armed = permissions[1] !== "w" ? "no" : end - start > GIB / 4 ? "populated" : "complete";
      const reason =
        kind === "kernel"
          ? "the kernel's own mapping: the program can't write it, the kernel refuses to protect it"
          : undefined;
      return { start, end, permissions, name, kind, armed, ...(reason ? { reason } : {}) };
    });
  return rows.map((row, i) =>
    row.name === "" && row.kind === "anonymous" && rows[i - 1]?.end === row.start && rows[i - 1].name.startsWith("/")
      ? { ...row, name: `${rows[i - 1].name} (.bss)` }
      : row,
  );
}

function residentOf(rows: readonly MappingRow[], seed = 1): PageSet {
  const next = random(seed);
  const runs: [number, number][] = [];
  for (const { start, end, kind } of rows) {
    if (kind === "kernel") continue;
    if (end - start > GIB) {
      for (let i = 0; i < 300; i += 1) {
        const at = start + Math.floor(next() ** 3 * (end - start - 64));
        runs.push([at, at + 1 + Math.floor(next() * 64)]);
      }
      continue;
    }
    if (kind === "stack") {
      runs.push([end - Math.min(end - start, 9), end]);
      continue;
    }
    for (let at = start; at < end; ) {
      const length = 1 + Math.floor(next() * 40);
      if (next() < 0.8) runs.push([at, Math.min(end, at + length)]);
      at += length;
    }
  }
  return PageSet.from(runs);
}

function session(phase: SessionView["phase"], message: string, isArmed: boolean): SessionView {
  return {
    id: "1",
    name: "Sample (lldb-dap)",
    debugType: "lldb-dap",
    phase,
    message,
    isArmed,
    pid: 4711,
    ...(phase === "found" ? {} : { armed: { mappings: 23, pages: 11_204, microseconds: 1840, notArmed: [] } }),
  };
}

const sessions = (shown: SessionView, ...others: SessionView[]): ToPage => ({
  type: "sessions",
  sessions: [shown, ...others],
  shown: shown.id,
});

function step(number: number, line: number, fn: string, written: PageSet, rest: Partial<StepView> = {}): StepView {
  return {
    number,
    from: { source: "/home/dev/ledger/src/main.c", line, function: fn },
    to: { source: "/home/dev/ledger/src/main.c", line: line + 1, function: fn },
    pages: written.pageCount,
    summary: "",
    written: written.runs,
    debugger: new Float64Array(0),
    discarded: 0,
    notes: [],
    created: 0,
    removed: 0,
    scanMicroseconds: 96 + ((number * 37) % 60),
    shared: false,
    ...rest,
  };
}

interface Sample {
  readonly rows: readonly MappingRow[];
  readonly resident: PageSet;
  readonly steps: readonly StepView[];
}

function sample(): Sample {
  const rows = rowsOf(MAPS);
  const named = (name: string): MappingRow => {
    const row = rows.find(candidate => candidate.name.endsWith(name) && candidate.permissions.startsWith("rw"));
    if (!row) throw new Error(`no ${name} in the sample`);
    return row;
  };
  const data = named("ledger");
  const bss = named("ledger (.bss)");
  const heap = named("[heap]");
  const stack = named("[stack]");
  const buffer =
    rows.find(
      ({ name, permissions, end, start }) =>
        name === "" && permissions === "rw-p" && end - start > 4096 && end - start < GIB,
    ) ?? heap;
  const tls = rows.findLast(({ name, permissions }) => name === "" && permissions === "rw-p") ?? heap;
  const rseq = { start: tls.start + 1, end: tls.start + 2, note: "rseq" } as const;
  const set = (...pairs: [number, number][]): PageSet => PageSet.from([...pairs, [rseq.start, rseq.end]]);
  const notes = [rseq];
  const top: [number, number] = [stack.end - 3, stack.end - 2];
  const steps = [
    step(1, 66, "main", set(top), { summary: "1 stack, 1 rseq", notes }),
    step(2, 68, "main", set(top, [data.start, data.start + 1]), { summary: "1 data, 1 stack, 1 rseq", notes }),
    step(3, 70, "count_everything", set(top, [bss.start + 1, bss.start + 3]), {
      summary: "2 data, 1 stack, 1 rseq",
      notes,
    }),
    step(4, 71, "push", set([heap.start, heap.start + 2]), { summary: "2 heap, 1 rseq", notes }),
    step(5, 72, "push_many", set(top, [heap.start + 2, heap.end - 4]), {
      summary: `${heap.end - heap.start - 6} heap, 1 stack, 1 rseq`,
      notes,
    }),
    step(6, 73, "sum", set(), { summary: "1 rseq", notes }),
    step(7, 74, "main", set([buffer.start, buffer.start + 1]), { summary: "1 anonymous, 1 rseq", notes, created: 1 }),
    step(8, 77, "main", set([buffer.start, buffer.end]), {
      summary: `${(buffer.end - buffer.start).toLocaleString("en")} anonymous, 1 rseq`,
      notes,
    }),
    step(
      9,
      78,
      "main",
      PageSet.from(Array.from({ length: 640 }, (_, i) => [buffer.start + i * 16, buffer.start + i * 16 + 1])),
      {
        summary: "640 anonymous",
      },
    ),
    step(10, 79, "descend", set([stack.end - 24, stack.end - 2]), { summary: "22 stack, 1 rseq", notes }),
    step(11, 80, "main", PageSet.EMPTY),
    step(12, 84, "write_note", set(top, [heap.start + 12, heap.start + 14], [bss.start, bss.start + 1]), {
      summary: "2 heap, 1 data, 1 stack, 1 rseq",
      notes,
      debugger: Float64Array.of(heap.start + 20, heap.start + 22, stack.end - 5, stack.end - 3),
      discarded: 3,
      shared: true,
    }),
  ];
  return { rows, resident: residentOf(rows).union(PageSet.of(buffer.start, buffer.end)), steps };
}

const armed = session("stopped", "Stopped; armed.", true);

function shown({ rows, resident, steps }: Sample, view: SessionView = armed, ...others: SessionView[]): ToPage[] {
  return [sessions(view, ...others), { type: "mappings", rows, resident: resident.runs }, { type: "steps", steps }];
}

/** A mapping of `pages` pages with `count` equal runs spread over it, `phase` apart for each step. */
function spread(start: number, pages: number, count: number, steps: number): StepView[] {
  const stride = pages / count;
  return Array.from({ length: steps }, (_, s) => {
    const runs = new Float64Array(count * 2);
    const next = random(s + 1);
    for (let i = 0; i < count; i += 1) {
      const at = start + Math.floor(i * stride + next() * (stride - 9));
      runs[i * 2] = at;
      runs[i * 2 + 1] = at + 1 + Math.floor(next() * 8);
    }
    return step(s + 1, 40 + s, "scatter", new PageSet(runs), { summary: "anonymous" });
  });
}

/** 10^6 written runs a step over 1 TiB, among ordinary mappings. */
export function million(steps = 8): ToPage[] {
  const { rows } = sample();
  const giant: MappingRow = {
    start: 0x600000000,
    end: 0x600000000 + 1024 * GIB,
    permissions: "rw-p",
    name: "",
    kind: "anonymous",
    armed: "populated",
  };
  const all = [...rows, giant].sort((a, b) => a.start - b.start);
  const made = spread(giant.start, giant.end - giant.start, 1e6, steps);
  return shown({ rows: all, resident: new PageSet(made[0].written), steps: made });
}

function snapshot(): ToPage[] {
  const { rows, resident } = sample();
  const next = random(3);
  const runs: number[] = [];
  const categories: number[] = [];
  for (const [start, end] of resident.pairs()) {
    const row = rows.find(candidate => candidate.end > start);
    const file = row?.name.startsWith("/") && !row.permissions.startsWith("rw");
    const chance = next();
    runs.push(start, end);
    if (file) categories.push(Category.PRESENT | Category.FILE);
    else if (chance < 0.08) categories.push(Category.SWAPPED);
    else if (chance < 0.16) categories.push(Category.PRESENT | Category.PFNZERO);
    else if (chance < 0.24) categories.push(Category.PRESENT | Category.HUGE);
    else if (chance < 0.3) categories.push(Category.PRESENT | Category.WPALLOWED | Category.WRITTEN);
    else categories.push(Category.PRESENT);
  }
  return [
    {
      type: "snapshot",
      snapshot: {
        title: "postgres: writer",
        pid: 2201,
        rows: rows.map(row => ({ ...row, armed: "no" as const })),
        runs: Float64Array.from(runs),
        categories: Uint16Array.from(categories),
        microseconds: 1830,
      },
    },
  ];
}

export const scenarios = {
  empty: (): ToPage[] => [{ type: "sessions", sessions: [] }],
  found: (): ToPage[] => [
    sessions(session("stopped", "Stopped; not armed. Press Arm to see what each step writes.", false)),
  ],
  armed: (): ToPage[] => shown(sample()),
  running: (): ToPage[] => shown(sample(), session("running", "Running; armed.", true)),
  lost: (): ToPage[] =>
    shown(
      sample(),
      session("lost", "The agent ended (SIGKILL): memory is disarmed, the program runs on. Arm again to go on.", false),
    ),
  ended: (): ToPage[] =>
    shown(sample(), session("ended", "The program ended; its steps stay until the next session.", false), {
      ...armed,
      id: "2",
      name: "Server (gdb)",
    }),
  snapshot: (): ToPage[] => [...shown(sample()), ...snapshot()],
  problem: (): ToPage[] => [
    ...shown(sample()),
    {
      type: "problem",
      message:
        "Could not arm: the kernel refused userfaultfd (EPERM). Set vm.unprivileged_userfaultfd=1 or run as root.",
    },
  ],
  million: (): ToPage[] => million(),
  /** One more step on top of "armed". */
  nextStep: (): ToPage[] => {
    const { steps } = sample();
    return [{ type: "step", step: { ...steps[4], number: 13 } }];
  },
  /** One more step of 10^6 runs on top of "million". */
  nextMillion: (): ToPage[] => [{ type: "step", step: { ...spread(0x600000000, 1024 * GIB, 1e6, 9)[8], number: 9 } }],
} satisfies Record<string, () => ToPage[]>;

export type ScenarioName = keyof typeof scenarios;

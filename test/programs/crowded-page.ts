// C programs whose objects lie in one page, with a store into some of them on each line: which lines store into a given object.
import { Random } from "./random.ts";

/** Objects of the page, in their order: members of one struct, with their sizes in bytes. */
const MEMBERS = {
  tiny: { declaration: "char tiny", size: 1 },
  name: { declaration: "char name[23]", size: 23 },
  small: { declaration: "short small", size: 2 },
  number: { declaration: "int number", size: 4 },
  pair: { declaration: "struct pair { long a, b, c, d; } pair", size: 32 },
  wide: { declaration: "long wide", size: 8 },
  other: { declaration: "struct pair other", size: 32 },
  ratio: { declaration: "double ratio", size: 8 },
  table: { declaration: "char table[300]", size: 300 },
  last: { declaration: "int last", size: 4 },
} as const;

type Member = keyof typeof MEMBERS;
const NAMES = Object.keys(MEMBERS) as [Member, ...Member[]];
const SCALARS: [Member, ...Member[]] = ["tiny", "small", "number", "wide", "ratio", "last"];

interface Statement {
  readonly text: string;
  /** What it stores into. */
  readonly members: readonly Member[];
}

export interface CrowdedPage {
  readonly text: string;
  /** An object that some of the lines store into, as an expression. */
  readonly watched: string;
  /** Those lines, in the order in which they run. */
  readonly lines: readonly number[];
}

/** @param where "data": an initialized global; "bss": one of zeroes; "heap": a block. */
export function crowdedPage(seed: number, where: "data" | "bss" | "heap", count: number): CrowdedPage {
  const random = new Random(seed);
  const at = where === "heap" ? "all->" : "all.";
  const statements = Array.from({ length: count }, () => statement(random, at));
  const head = [
    "#include <stdlib.h>",
    "#include <string.h>",
    `struct all { ${NAMES.map(name => `${MEMBERS[name].declaration};`).join(" ")} };`,
    where === "heap" ? "static struct all *all;" : `static struct all all${where === "data" ? " = {.last = 1}" : ""};`,
    "static volatile long busy;",
    "int main(void) {",
    ...(where === "heap" ? ["  all = aligned_alloc(4096, 4096);", "  memset(all, 1, sizeof *all);"] : []),
    "  busy = 1; // ready",
  ];
  const watched = random.pick(NAMES);
  const lines = statements.flatMap(({ members }, i) => (members.includes(watched) ? [head.length + i + 1] : []));
  const text = [...head, ...statements.map(one => `  ${one.text}`), "  return 0;", "}", ""].join("\n");
  return { text, watched: `${at}${watched}`, lines };
}

function statement(random: Random, at: string): Statement {
  const value = random.between(1, 100);
  const one = random.pick(SCALARS);
  switch (random.between(0, 6)) {
    case 0:
      return { text: `${at}${one} += ${value};`, members: [one] };
    case 1:
      return { text: `strcpy(${at}name, "${"x".repeat(random.between(0, 22))}");`, members: ["name"] };
    case 2:
      return { text: `${at}pair = ${at}other;`, members: ["pair"] };
    case 3:
      return { text: `${at}table[${random.between(0, 299)}] = ${value};`, members: ["table"] };
    case 4: {
      // Several objects at once, from the first byte of one to the last of another.
      const from = random.between(0, NAMES.length - 1);
      const members = NAMES.slice(from, from + random.between(1, 4));
      const [first, last] = [members[0], members[members.length - 1]];
      const size = `(char *)(&${at}${last} + 1) - (char *)&${at}${first}`;
      return { text: `memset(&${at}${first}, ${value}, ${size});`, members };
    }
    default:
      return { text: `${at}${one} = ${value};`, members: [one] };
  }
}

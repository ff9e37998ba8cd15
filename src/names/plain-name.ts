// A C++ or Rust symbol's name in short: the identifiers of a mangled name, without parameters and template arguments. No demangler:
// what it does not understand keeps its mangled name, cut where it is long. (Itanium C++ ABI, 5.1 "External Names".)

/** Longer than this is no name that anybody reads. */
const MOST_CHARACTERS = 80;
/** Names inside names; compilers make a handful. */
const MOST_DEPTH = 32;

/** "_ZN3geo6Circle5countE" → "geo::Circle::count", "_ZZ4mainE5calls" → "main()::calls", "counters" → "counters". */
export function plainName(symbol: string): string {
  // What a program takes of a library has the version that it was linked with.
  const version = symbol.indexOf("@");
  if (version > 0) return plainName(symbol.slice(0, version));
  if (!symbol.startsWith("_Z")) return cut(symbol);
  // What the compiler appends to parts and copies of a function: ".cold", ".constprop.0".
  const dot = symbol.indexOf(".");
  const reader = new Reader(dot < 0 ? symbol : symbol.slice(0, dot));
  const name = reader.encoding(0);
  return cut(name === undefined ? symbol : `${name}${dot < 0 ? "" : symbol.slice(dot)}`);
}

const SPECIAL: Readonly<Record<string, string>> = {
  TV: "vtable for ",
  TT: "VTT for ",
  TI: "typeinfo for ",
  TS: "typeinfo name for ",
  GV: "guard variable for ",
};

/** What St, Ss and their like stand for (5.1.10 "Compression"). */
const STANDARD: Readonly<Record<string, string>> = {
  t: "std",
  a: "std::allocator",
  b: "std::basic_string",
  s: "std::string",
  i: "std::istream",
  o: "std::ostream",
  d: "std::iostream",
};

/** Reads from left to right; each method returns undefined where it meets what it does not know. */
class Reader {
  private readonly text: string;
  private at = 2;

  constructor(text: string) {
    this.text = text;
  }

  encoding(depth: number): string | undefined {
    const special = SPECIAL[this.text.slice(this.at, this.at + 2)];
    if (special) {
      this.at += 2;
      const name = this.name(depth);
      return name && special + name;
    }
    return this.name(depth);
  }

  private name(depth: number): string | undefined {
    if (depth > MOST_DEPTH) return undefined;
    if (this.takes("N")) return this.nested();
    if (this.takes("Z")) return this.local(depth);
    const scope = this.takes("St") ? "std::" : "";
    const standard = this.peek() === "S" ? STANDARD[this.text[this.at + 1] ?? ""] : undefined;
    if (standard) this.at += 2;
    const name = standard ?? this.unqualified(undefined);
    if (name === undefined) return undefined;
    return this.arguments() ? scope + name : undefined;
  }

  private nested(): string | undefined {
    while (this.takes("r") || this.takes("V") || this.takes("K") || this.takes("R") || this.takes("O"));
    const parts: string[] = [];
    while (!this.takes("E")) {
      if (this.peek() === "I") {
        if (parts.length === 0 || !this.arguments()) return undefined;
        continue;
      }
      const standard = this.peek() === "S" ? STANDARD[this.text[this.at + 1] ?? ""] : undefined;
      if (standard && parts.length === 0) {
        this.at += 2;
        parts.push(standard);
        continue;
      }
      const part = this.unqualified(parts.at(-1));
      if (part === undefined) return undefined;
      parts.push(part);
    }
    // A hash is what ends a name of Rust's older mangling.
    if (parts.length > 1 && /^h[0-9a-f]{16}$/.test(parts.at(-1) ?? "")) parts.pop();
    return parts.length > 0 ? parts.join("::") : undefined;
  }

  /** A function's own static data: the function, its parameters, and what it calls the data. */
  private local(depth: number): string | undefined {
    const owner = this.encoding(depth + 1);
    if (owner === undefined || !this.skipToEnd()) return undefined;
    if (this.takes("s")) return `${owner}()::string literal`;
    const name = this.name(depth + 1);
    return name && `${owner}()::${name}`;
  }

  private unqualified(scope: string | undefined): string | undefined {
    this.takes("L");
    if (/[CD]/.test(this.peek()) && /[0-5]/.test(this.text[this.at + 1] ?? "") && scope) {
      const destructor = this.peek() === "D" ? "~" : "";
      this.at += 2;
      return destructor + scope;
    }
    const length = /^[1-9]\d{0,4}/.exec(this.text.slice(this.at, this.at + 6))?.[0];
    if (!length) return undefined;
    const begin = this.at + length.length;
    this.at = begin + Number(length);
    if (this.at > this.text.length) return undefined;
    const name = this.text.slice(begin, this.at);
    while (this.takes("B")) if (this.unqualified(undefined) === undefined) return undefined;
    return name.startsWith("_GLOBAL__N") ? "(anonymous namespace)" : name;
  }

  /** Goes over template arguments, where there are some. */
  private arguments(): boolean {
    return !this.takes("I") || this.skipToEnd();
  }

  /** Goes over types and numbers up to the E that ends what was begun. */
  private skipToEnd(): boolean {
    for (let open = 1; open > 0; ) {
      const here = this.peek();
      if (here === "") return false;
      if (here >= "1" && here <= "9") {
        if (this.unqualified(undefined) === undefined) return false;
        continue;
      }
      // An expression has codes of its own, in which any letter may stand.
      if (here === "X") return false;
      if (here === "D") {
        const code = this.text[this.at + 1] ?? "";
        if (code === "T" || code === "t") return false;
        this.at += 2;
        continue;
      }
      this.at += 1;
      if (here === "S" || here === "T") this.skipReference(here);
      else if (here === "L") {
        if (!this.skipLiteral()) return false;
      } else if ("INFJZ".includes(here)) open += 1;
      else if (here === "E") open -= 1;
      // Of an array its length, which would read as the length of a name.
      else if (here === "A") this.digits();
    }
    return true;
  }

  /** S_, S0_, St, T_, T0_ */
  private skipReference(kind: string): void {
    const rest = /^[0-9A-Z]*_/.exec(this.text.slice(this.at, this.at + 12))?.[0];
    if (rest) this.at += rest.length;
    else if (kind === "S" && STANDARD[this.peek()]) this.at += 1;
  }

  /** A value of a built-in type, "Lj8E"; of others, nothing is known. */
  private skipLiteral(): boolean {
    const literal = /^[a-z]n?\d*E/.exec(this.text.slice(this.at, this.at + 48))?.[0];
    if (!literal) return false;
    this.at += literal.length;
    return true;
  }

  private digits(): void {
    while (/\d/.test(this.peek())) this.at += 1;
  }

  private peek(): string {
    return this.text[this.at] ?? "";
  }

  private takes(piece: string): boolean {
    if (!this.text.startsWith(piece, this.at)) return false;
    this.at += piece.length;
    return true;
  }
}

function cut(name: string): string {
  return name.length <= MOST_CHARACTERS ? name : `${name.slice(0, MOST_CHARACTERS - 1)}…`;
}

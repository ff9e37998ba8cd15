// Programs that nobody here wrote, each with work for some seconds that ends the same way every time.
import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DebuggerName } from "../../src/debuggers/launcher.ts";
import { compiled } from "../compile.ts";
import { RedisLoad } from "./redis-load.ts";

/** A program about to run. */
export interface Prepared {
  readonly path: string;
  readonly args: readonly string[];
  /** Functions that it calls time and again, to break at. None of many bodies (memmove): lldb 19 hangs at those. */
  readonly functions: readonly string[];
  /** Whether its lines are known, so that it can be stepped by them. */
  readonly hasLines?: boolean;
  /** Called when the program runs: somebody may have to give it work. */
  begin?(): void;
  /** Called when it runs for good: has it finish. @returns what it should have done and did not, a sentence each. */
  finish?(): Promise<string[]>;
  /** Stops whatever was begun. */
  end?(): void;
  /** Its output tells the time, or its process: only its end is compared. */
  readonly hasVaryingOutput?: boolean;
}

export interface ForeignProgram {
  readonly name: string;
  /** @param folder for its files. */
  prepare(folder: string): Prepared;
  /** Absent: all debuggers. */
  readonly debuggers?: readonly DebuggerName[];
}

export const programs: readonly ForeignProgram[] = [
  { name: "redis-server under load", prepare: redis },
  { name: "sqlite3", prepare: sqlite },
  { name: "python3", prepare: python },
  { name: "perl", prepare: perl },
  { name: "gcc's cc1", prepare: cc1 },
  { name: "a C++ program of 8 threads", prepare: threads },
  { name: "bash", prepare: folder => bash(folder, false) },
  // lldb 19 leaves breakpoints in a program's children, which die of them, tracked or not; and it loses pauses while it forks.
  { name: "bash with children", prepare: folder => bash(folder, true), debuggers: ["gdb"] },
];

function redis(folder: string): Prepared {
  const socket = join(folder, "socket");
  const load = new RedisLoad(socket);
  // One binary, which is the server where it is called so: the package of that name would start one for the whole computer.
  const path = join(folder, "redis-server");
  symlinkSync("/usr/bin/redis-check-rdb", path);
  return {
    path,
    args: ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--io-threads", "2"],
    functions: ["write", "epoll_wait", "read"],
    hasVaryingOutput: true,
    begin: () => load.begin(),
    finish: () => load.finish(),
    end: () => load.end(),
  };
}

const SQL = `
create table words(id integer primary key, word text, weight real, note blob);
create index by_word on words(word);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000)
  insert into words select i, hex(i * 7919 % 65537), i / 3.0, zeroblob(i % 300) from n;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000) select sum(length(hex(i % 65537))) from n;
update words set weight = weight * 2 where id % 3 = 0;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000) select max(printf('%x', i)) from n;
delete from words where id % 5 = 0;
select count(*), sum(length(note)), round(sum(weight)) from words;
select substr(word, 1, 2) as head, count(*), max(weight) from words group by head order by 2 desc limit 20;
select count(*) from words a join words b on a.word = b.word where a.id < b.id;
vacuum;
pragma integrity_check;
`;

function sqlite(folder: string): Prepared {
  const script = join(folder, "script.sql");
  writeFileSync(script, SQL);
  return {
    path: "/usr/bin/sqlite3",
    args: ["-batch", "-init", script, join(folder, "words.db"), "select 'done';"],
    functions: ["malloc", "free", "write", "pwrite64"],
  };
}

const PYTHON = `
import collections, hashlib, json, re, sys
words = collections.Counter()
digest = hashlib.sha256()
kept = {}
for i in range(100000):
    word = hashlib.md5(str(i % 9973).encode()).hexdigest()[: i % 7 + 2]
    words[word] += 1
    kept[i % 4096] = [word] * (i % 50)
    if i % 128 == 0:
        text = json.dumps({"i": i, "top": words.most_common(5), "kept": len(kept)})
        digest.update(re.sub("[0-9]+", lambda m: str(int(m[0]) + 1), text).encode())
        json.loads(text)
print(digest.hexdigest(), len(words), sum(map(len, kept.values())))
sys.exit(3)
`;

function python(folder: string): Prepared {
  const script = join(folder, "work.py");
  writeFileSync(script, PYTHON);
  // Its hashes of text are another each time, and with them the order of its dictionaries' memory; -S -E: as it comes.
  return {
    path: "/usr/bin/python3",
    args: ["-S", "-E", "-X", "utf8", script],
    functions: ["malloc", "PyDict_New", "PyList_Append", "PyObject_Malloc"],
  };
}

const PERL = `
my (%count, @lines);
for my $i (1 .. 1200000) {
  my $word = join "", map { chr(97 + ($i * $_) % 26) } 1 .. $i % 9 + 1;
  $count{$word} += 1;
  push @lines, "$word " . ($i * 7 % 1000) if $i % 3 == 0;
  @lines = sort { $a cmp $b } grep { !/aa/ } @lines[0 .. 500] if @lines > 4000;
}
my $sum = 0;
for my $word (sort keys %count) { $sum = ($sum * 31 + $count{$word} + ord $word) % 1000000007 }
print "$sum ", scalar(keys %count), " ", scalar(@lines), "\\n";
exit 4;
`;

function perl(folder: string): Prepared {
  const script = join(folder, "work.pl");
  writeFileSync(script, PERL);
  return {
    path: "/usr/bin/perl",
    args: [script],
    functions: ["malloc", "Perl_newSVpvn", "Perl_sv_setsv_flags", "free"],
  };
}

/** A source that keeps an optimizing compiler busy: functions that are alike and not the same. */
function source(functions: number): string {
  const lines = ["typedef unsigned long word;", "static word table[4096];"];
  for (let i = 0; i < functions; i += 1) {
    lines.push(
      `word work${i}(word *p, word n) {`,
      `  word sum = ${i}, other[${(i % 13) + 3}] = {n};`,
      `  for (word k = 0; k < n % ${(i % 97) + 5}; k += ${(i % 3) + 1}) {`,
      `    switch ((p[k] ^ sum) % 7) { case 0: sum += table[k % 4096]; break; case 1: sum *= ${i * 2 + 1}; break;`,
      `      case 3: table[(k + sum) % 4096] = p[k] << ${i % 31}; break; default: sum -= other[k % ${(i % 13) + 3}]; }`,
      `    other[k % ${(i % 13) + 3}] = sum >> ${i % 17};`,
      "  }",
      `  return ${i > 0 ? `sum > 1000 ? work${i - 1}(p, n / 2) : ` : ""}sum;`,
      "}",
    );
  }
  return `${lines.join("\n")}\n`;
}

function cc1(folder: string): Prepared {
  const file = join(folder, "work.c");
  writeFileSync(file, source(260));
  const path = execFileSync("gcc", ["-print-prog-name=cc1"], { encoding: "utf8" }).trim();
  return {
    path,
    args: ["-quiet", "-O2", "-frandom-seed=1", "work.c", "-o", "-"],
    functions: ["malloc", "calloc", "free", "realloc"],
  };
}

function threads(): Prepared {
  const path = compiled(fileURLToPath(new URL("threads.cpp", import.meta.url)), "foreign-threads", [
    "-std=c++17",
    "-g",
    "-O1",
    "-pthread",
  ]);
  return { path, args: [], functions: ["malloc", "free", "fold"], hasLines: true };
}

const BASH = `
declare -A seen
total=0
for ((i = 0; i < 130000; i++)); do
  word="w$((i * 7919 % 1009))"
  seen[$word]=$(( \${seen[$word]:-0} + i ))
  list+=("\${word/w/x}")
  (( \${#list[@]} > 300 )) && list=("\${list[@]:150}")
  if (( i % 800 == 0 )); then
    $forks && inner=$(echo "$word" | while read -r line; do echo "\${line^^}"; done)
    total=$(( total + \${#inner} ))
  fi
  printf -v text '%08x' "$i"
done
echo "$total \${#seen[@]} \${#list[@]} \${seen[w7]} $text"
exit 5
`;

function bash(folder: string, forks: boolean): Prepared {
  const script = join(folder, "work.bash");
  writeFileSync(script, `forks=${forks}\n${BASH}`);
  return {
    path: "/usr/bin/bash",
    args: ["--norc", "--noprofile", script],
    functions: ["malloc", "xmalloc", "hash_search", "execute_command_internal"],
  };
}

// Steps as CSV: a row for each run of changed bytes; nothing in it is a formula.
import assert from "node:assert/strict";
import { csvLines } from "../../../src/recording/csv.ts";
import { stepOf } from "../ui/page.ts";
import { STEPS } from "./made.ts";

describe("Steps as CSV", () => {
  const [header, ...rows] = [...csvLines(STEPS)];

  it("have a row for each run of changed bytes, and one for a step without any", () => {
    assert.match(header, /^step,source,line,.*,address,before,after,name,note\r\n$/);
    const ofFour = rows.filter(row => row.startsWith("4,/src/main.c,10,main,worker,continue,2,5,77,"));
    assert.ok(ofFour.some(row => row.includes(",0x65008,0000,0102,counter,")));
    assert.ok(rows.some(row => row.startsWith("7,") && row.endsWith("bytes not known\r\n")));
  });

  it("quote what must be, and let no foreign name be a formula", () => {
    const from = { source: '/a "b", c.c', line: 1, function: "=cmd()" };
    const [, row] = [...csvLines([stepOf({ number: 1, from })])];
    assert.match(row, /^1,"\/a ""b"", c\.c",1,'=cmd\(\),/);
  });
});

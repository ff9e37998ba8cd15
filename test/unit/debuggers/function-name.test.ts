// What a function is called, whatever else a debugger writes into a frame's name.
import assert from "node:assert/strict";
import { functionNameOf } from "../../../src/debuggers/frame.ts";

const NAMES: Readonly<Record<string, string>> = {
  "a.out!main(int argc, char **argv)": "main",
  "libc.so.6!__libc_start_call_main(int (*main)(int, char **, char **), int argc)": "__libc_start_call_main",
  "libstdc++.so.6!std::ostream::flush()": "std::ostream::flush",
  "a.out!(anonymous namespace)::run(int i)": "(anonymous namespace)::run",
  "a.out!area": "area",
  main: "main",
  "run(int)": "run(int)",
  "Set::operator!()": "Set::operator!()",
  "operator!=(Set const&, Set const&)": "operator!=(Set const&, Set const&)",
  "operator!(Set const&)": "operator!(Set const&)",
  "": "",
};

describe("A function's name", () => {
  for (const [frame, name] of Object.entries(NAMES)) {
    it(`in '${frame}' is '${name}'`, () => assert.equal(functionNameOf(frame), name));
  }
});

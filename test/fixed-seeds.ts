// Loaded before all tests (.mocharc.json): properties draw the same examples on every run, unless a soak names another seed.
import fc from "fast-check";
import { SEED } from "./seeds.ts";

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });

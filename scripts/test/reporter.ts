// Mocha's own spec report, closed by the one line that scripts/test.ts sums up.
import { getActiveResourcesInfo } from "node:process";
import Mocha from "mocha";

/** Milliseconds after the last test: who is still there then keeps the run from ending. */
const LINGERING = 10_000;

export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once("end", () => {
      console.log(`${this.stats.passes} passed, ${this.stats.failures} failed`);
      const tell = (): void => console.log(`  Still open: ${getActiveResourcesInfo().join(", ")}`);
      setTimeout(tell, LINGERING).unref();
    });
  }
}

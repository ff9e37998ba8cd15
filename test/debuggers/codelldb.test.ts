// The real CodeLLDB, where one is named: the same that the unit tests hold it to from conversations on file.
// UPDATE_CONVERSATIONS=1 writes those; then read the difference.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CODELLDB_VARIABLE, launcherOf } from "../../src/debuggers/codelldb/launch.ts";
import { AdapterProcess } from "../../src/trace/adapter-process.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { adapterFor } from "../golden/adapter.ts";
import { PROGRAM, SCENARIOS, type Scenario, Stage } from "../golden/codelldb-scenarios.ts";
import { conversationFile, RecordedLink } from "../golden/conversation.ts";

/** Names an adapter that has no Python. */
const WITHOUT_PYTHON = `${CODELLDB_VARIABLE}_WITHOUT_PYTHON`;

function commandFor({ withoutPython }: Scenario): string | undefined {
  return process.env[withoutPython ? WITHOUT_PYTHON : CODELLDB_VARIABLE];
}

for (const name of DEBUGGERS.filter(each => each === "codelldb")) {
  describe(`The real ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "writewatch-codelldb-"));

    // Not where other tests compile: the conversation on file must not tell whose computer it was.
    before(() => {
      writeFileSync(join(folder, "program.c"), PROGRAM);
      execFileSync("gcc", ["-g", "-O0", "-o", "program", "program.c"], { cwd: folder });
    });

    after(() => rmSync(folder, { recursive: true }));

    for (const scenario of SCENARIOS) {
      const command = commandFor(scenario);
      if (!command) {
        console.log(`${WITHOUT_PYTHON} names none: not tried whether it ${scenario.behaviour}`);
        continue;
      }
      it(scenario.behaviour, async () => {
        let child: ChildProcess | undefined;
        if (scenario.isRunning) {
          child = spawn(join(folder, "program"), { stdio: "ignore" });
          await once(child, "spawn");
        }
        const launcher = launcherOf(command);
        const link = new RecordedLink(new AdapterProcess(launcher.command));
        const world = { folder, pid: child?.pid ?? 0, signal: process.kill };
        try {
          await scenario.play(new Stage(adapterFor(launcher, link, scenario.configuration), world));
        } finally {
          link.dispose();
          child?.kill("SIGKILL");
        }
        if (process.env.UPDATE_CONVERSATIONS) link.write(conversationFile("codelldb", scenario.name), folder);
      });
    }
  });
}

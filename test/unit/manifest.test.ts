// The manifest's promises: conditions that somebody keeps, commands that can act, pictures that are there.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../scripts/vscode-host/paths.ts";
import type { SessionStatus } from "../../src/session/status.ts";
import { CONTEXT_KEYS, contextValues } from "../../src/ui/context-values.ts";
import { PANEL_COMMANDS } from "../../src/ui/protocol.ts";

const read = (file: string): string => readFileSync(join(repository, file), "utf8");
const raw = JSON.parse(read("package.json"));
const translations: Readonly<Record<string, string>> = JSON.parse(read("package.nls.json"));
const KEY = /^%([\w.-]+)%$/;
// As VS Code reads it: texts of the form %key% stand for those of package.nls.json.
const manifest = JSON.parse(JSON.stringify(raw), (_, value) => {
  const [, key] = (typeof value === "string" && KEY.exec(value)) || [];
  return key === undefined ? value : (translations[key] ?? assert.fail(`package.nls.json has no ${key}`));
});
const { commands, walkthroughs } = manifest.contributes;
const names: string[] = commands.map(({ command }: { command: string }) => command);

/** Every text anywhere in a value of JSON. */
function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}

/** Names of the manifest's fields that a person reads, wherever they are. */
const READ_BY_PERSONS =
  /^(title|description|markdownDescription|label|displayName|category|altText|contents|patternErrorMessage)$/;

/** Where in the manifest (a path) a text that a person reads stands itself, rather than by its key. */
function untranslated(value: unknown, path: readonly string[]): string[] {
  if (typeof value === "string") {
    const [field, parent] = [path.at(-1) ?? "", path.at(-2)];
    const isRead = READ_BY_PERSONS.test(field) || parent === "enumDescriptions" || field === "name";
    return isRead && !KEY.test(value) ? [path.join(".")] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => untranslated(inner, [...path, key]));
}

/** What a condition like "writewatch.canArm && !isWeb" comes to; keys that nobody has set are false. */
function holds(condition: string | undefined, keys: Readonly<Record<string, boolean>>): boolean {
  if (condition === undefined) return true;
  return condition.split("||").some(all =>
    all.split("&&").every(part => {
      const [, not, key] = /^\s*(!?)writewatch\.(\w+)\s*$/.exec(part) ?? assert.fail(`not understood: ${part}`);
      return (keys[key] ?? false) !== (not === "!");
    }),
  );
}

/** The commands about sessions and processes that are offered while these keys are set. */
function offered(keys: Readonly<Record<string, boolean>>): string[] {
  return commands
    .filter(({ command }: { command: string }) => command !== "writewatch.runSimulatedProgram")
    .filter(({ enablement }: { enablement?: string }) => holds(enablement, keys))
    .map(({ command }: { command: string }) => command.replace("writewatch.", ""));
}

const ALWAYS = [
  "stopAtWrite",
  "watches.show",
  "chooseMemory",
  "showPanel",
  "openRecording",
  "openSimulatedProgram",
  "openWalkthrough",
  "openSettings",
  "showLog",
];

const IN_SESSION = ["undoChoice", "armThis", "leaveOutThis"];

const INSPECT = ["inspect", "inspectBeside"];

const status = (can: Partial<SessionStatus["can"]>, more: Partial<SessionStatus> = {}): SessionStatus => ({
  program: "stopped",
  memory: "unarmed",
  message: "",
  isProblem: false,
  can: { arm: false, disarm: false, scan: false, reset: false, export: false, everArm: true, ...can },
  ...more,
});

/** Of this computer's processes. */
const PROCESSES = ["attachProcess", "sampleProcess", "scanProcess", "saveCore", "joinCores", "showFork"];

const sorted = (list: readonly string[]): string[] => [...list].sort();

describe("F5", () => {
  it("runs the simulated program in the editor, whatever launch.json says, and goes on with a session as ever", () => {
    const [binding] = manifest.contributes.keybindings.filter(({ key }: { key: string }) => key === "f5");
    assert.equal(binding.command, "writewatch.runSimulatedProgram");
    assert.match(binding.when, /^editorLangId == wsim && .*debugState == 'inactive'$/);
  });
});

describe("Commands are offered where they can act:", () => {
  it("before activation, when no key is set, those that need no session", () => {
    assert.deepEqual(sorted(offered({})), sorted([...ALWAYS, ...PROCESSES]));
  });

  it("without a session, and where no processes can be listed, what needs neither", () => {
    assert.deepEqual(sorted(offered(contextValues(undefined, { listsProcesses: false }))), sorted(ALWAYS));
  });

  it("stopped and not armed, Arm", () => {
    const keys = contextValues(status({ arm: true }), { listsProcesses: false });
    assert.deepEqual(
      sorted(offered(keys)),
      sorted([...ALWAYS, ...IN_SESSION, "arm", "recordToFile", "scanProcess", "saveCore"]),
    );
  });

  it("armed and stopped with steps, all but Arm", () => {
    const can = { disarm: true, scan: true, reset: true, export: true };
    const keys = contextValues(status(can, { memory: "armed" }), { listsProcesses: true });
    assert.deepEqual(
      sorted(offered(keys)),
      sorted([
        ...[...ALWAYS, ...IN_SESSION, ...INSPECT, "disarm", "scanNow", "reset", "exportSteps"],
        ...["saveRecording", "recordToFile", ...PROCESSES, "whoWrote"],
      ]),
    );
  });

  it("ended, what the steps are good for", () => {
    const keys = contextValues(status({ reset: true, export: true }, { program: "ended" }), { listsProcesses: false });
    assert.deepEqual(
      sorted(offered(keys)),
      sorted([...ALWAYS, ...INSPECT, "reset", "exportSteps", "saveRecording", "whoWrote"]),
    );
  });
});

describe("The manifest", () => {
  it("has all that a person reads in package.nls.json, to be translated, and nothing else there", () => {
    assert.deepEqual(untranslated(raw.contributes, ["contributes"]), []);
    assert.deepEqual(untranslated(raw.capabilities, ["capabilities"]), []);
    assert.match(raw.displayName, KEY);
    assert.match(raw.description, KEY);
    const used = texts(raw).flatMap(text => KEY.exec(text)?.[1] ?? []);
    assert.deepEqual(
      Object.keys(translations).filter(key => !used.includes(key)),
      [],
    );
  });

  it("asks only for context keys that are kept", () => {
    const asked = texts(manifest.contributes).flatMap(text => [
      ...text.matchAll(/(?:^|[\s!(]|onContext:)writewatch\.(\w+(?:\.\w+)*)/g),
    ]);
    // Those that only a debugger's variables name stand in no menu.
    const ofVariables = manifest.contributes.debuggers.flatMap((each: { variables?: object }) =>
      Object.values(each.variables ?? {}),
    );
    const commandsNamed = [...names, ...ofVariables];
    const keys = asked.map(([, key]) => key).filter(key => !commandsNamed.includes(`writewatch.${key}`));
    const settings = Object.keys(manifest.contributes.configuration.properties);
    const unknown = keys.filter(key => !settings.includes(`writewatch.${key}`) && !CONTEXT_KEYS.includes(key as never));
    assert.deepEqual(
      // Views, colours, and a command that only launch configurations name.
      unknown.filter(key => !["panel", "watches", "recording", "written", "debugger", "pickProcess"].includes(key)),
      [],
    );
  });

  it("has every command that the page's buttons name", () => {
    for (const command of PANEL_COMMANDS) assert.ok(names.includes(`writewatch.${command}`), command);
  });

  it("lets a folder that is not trusted neither arm by itself nor switch that on", () => {
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.equal(supported, "limited");
    assert.deepEqual(restrictedConfigurations, ["writewatch.autoArm"]);
  });

  it("walks through with pictures that are there and commands that there are", () => {
    const steps = walkthroughs.flatMap(({ steps }: { steps: object[] }) => steps);
    assert.ok(steps.length >= 4);
    for (const step of steps) {
      const { media, description } = step as {
        media: { image?: unknown; svg?: string; altText: string };
        description: string;
      };
      assert.ok(media.altText);
      for (const file of texts(media.image ?? media.svg)) assert.ok(existsSync(join(repository, file)), file);
      const own = [...description.matchAll(/command:(writewatch\.\w+)/g)].map(([, command]) => command);
      for (const command of own) assert.ok(names.includes(command), command);
    }
  });
});

describe("README's pictures", () => {
  it("are files of the repository, named by relative paths", () => {
    const pictures = [...read("README.md").matchAll(/!\[[^\]]*\]\(([^)]+)\)|<img[^>]+src="([^"]+)"/g)];
    assert.ok(pictures.length > 0);
    for (const [, markdown, html] of pictures) {
      const path = markdown ?? html;
      assert.doesNotMatch(path, /^([a-z]+:|\/)/);
      assert.ok(existsSync(join(repository, path)), path);
    }
  });
});

// From the table of rooms to the linter's rules.
import { ENTRIES, folderOf, ROOMS, type Room } from "./rooms.ts";

interface Override {
  readonly includes: readonly string[];
  readonly linter: object;
}

interface Refusal {
  /** As the linter knows patterns of imports: in gitignore's way, the later ones winning. */
  readonly group: readonly string[];
  readonly message: string;
}

/** The part of the linter's configuration that holds each room to what it stands on. */
export function linterOverrides(): Override[] {
  return [...ROOMS.flatMap(importsOf), withoutNode()];
}

/** Three sorts of files in a room: those that may import `vscode`, those that may import koffi, and all others. */
function importsOf(room: Room): Override[] {
  const { vscode = [], koffi = [] } = room;
  const noRooms = refusedRooms(room);
  const all = vscode.includes("**")
    ? []
    : [refusing(within(room, allBut([...vscode, ...koffi])), [noRooms, NO_KOFFI, NO_VSCODE])];
  return [
    ...all,
    ...(vscode.length > 0 ? [refusing(within(room, vscode), [noRooms, NO_KOFFI])] : []),
    ...(koffi.length > 0 ? [refusing(within(room, koffi), [noRooms, NO_VSCODE])] : []),
  ];
}

function refusedRooms({ name, standsOn }: Room): Refusal {
  const refused = ROOMS.filter(room => room.name !== name && !standsOn.includes(room.name));
  const parts = standsOn.filter(room => room.includes("/"));
  return {
    group: [
      ...refused.map(room => `**/${room.name}/**`),
      ...parts.flatMap(part => [`!**/${part}.ts`, `!**/${part}/**`]),
    ],
    message: `${folderOf(name)} stands on ${standsOn.join(", ") || "nothing"} only: see scripts/layers/rooms.ts.`,
  };
}

const NO_KOFFI: Refusal = { group: ["koffi"], message: `Only ${places("koffi")} may import koffi.` };

const NO_VSCODE: Refusal = {
  group: ["vscode"],
  message: `vscode is imported in ${places("vscode")} and the extension's entries only.`,
};

function places(module: "koffi" | "vscode"): string {
  return ROOMS.flatMap(room => within(room, room[module] ?? [])).join(", ");
}

/** Simulated programs run in browsers, where Node's modules are not: only files named in the table may import them. */
function withoutNode(): Override {
  const ofRooms = ROOMS.flatMap(room => within(room, allBut(room.node ?? [])));
  const entries = ENTRIES.filter(({ node }) => !node).map(({ path }) => path);
  return { includes: [...ofRooms, ...entries], linter: { rules: { correctness: { noNodejsModules: "error" } } } };
}

function refusing(includes: readonly string[], patterns: readonly Refusal[]): Override {
  const wanted = patterns.filter(({ group }) => group.length > 0);
  const rule = { level: "error", options: { patterns: wanted } };
  return { includes, linter: { rules: { style: { noRestrictedImports: rule } } } };
}

/** The patterns of all files that these do not name; later patterns win, so each exception follows what it is taken from. */
function allBut(files: readonly string[]): string[] {
  return ["**", ...files.map(pattern => (pattern.startsWith("!") ? pattern.slice(1) : `!${pattern}`))];
}

/** Patterns of a room's files as patterns from the repository's top. */
function within({ name }: Room, files: readonly string[]): string[] {
  const folder = folderOf(name);
  return files.map(file => (file.startsWith("!") ? `!${folder}/${file.slice(1)}` : `${folder}/${file}`));
}

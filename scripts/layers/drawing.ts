// From the table of rooms to the picture and the list in ARCHITECTURE.md.
import { ENTRIES, folderOf, ROOMS } from "./rooms.ts";

/** The rooms in floors from the roof to the ground, and then what each is for. Markdown. */
export function drawnStructure(): string {
  return `${floors()}\n\n${list()}`;
}

/** A room's floor is the one above the highest that it stands on. */
function floors(): string {
  const floorOf = new Map<string, number>();
  const height = (name: string): number => floorOf.get(name.split("/")[0]) ?? 0;
  for (const { name, standsOn } of ROOMS) floorOf.set(name, 1 + Math.max(0, ...standsOn.map(height)));
  const top = Math.max(...floorOf.values());
  const lines = [ENTRIES.map(({ path }) => path.replace("src/", "")).join("   ")];
  for (let floor = top; floor >= 1; floor -= 1) {
    lines.push(
      ROOMS.filter(({ name }) => floorOf.get(name) === floor)
        .map(({ name }) => name)
        .join("   "),
    );
  }
  const width = Math.max(...lines.map(({ length }) => length)) + 4;
  const rule = `    +${"-".repeat(width)}+`;
  const boxed = lines.map(line => {
    const left = Math.floor((width - line.length) / 2);
    return `    |${" ".repeat(left)}${line}${" ".repeat(width - line.length - left)}|`;
  });
  return [rule, ...boxed.flatMap(line => [line, rule])].join("\n");
}

function list(): string {
  const rows = ROOMS.map(({ name, about, standsOn }) => [`\`${folderOf(name)}\``, about, standsOn.join(", ")]);
  const entries = ENTRIES.map(({ path, about }) => [`\`${path}\``, about, "all but trace and webview"]);
  return table([["room", "holds", "stands on"], ...rows, ...entries]);
}

function table([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "-")), ...rows.map(line)].join("\n");
}

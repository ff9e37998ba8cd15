// The mappings with their counts as rows of a table, for screen readers, search and tests.
import type { Recording } from "../recording/recording.ts";
import { stepsOf } from "../recording/span.ts";
import { unionsOf } from "./map/brushed.ts";
import { programPagesIn } from "./map/chosen.ts";
import { armedWay, nameOf, reasonOf, unseenIn } from "./map/rows.ts";
import { layoutOf } from "./map/view.ts";
import type { MapLook, TableRow } from "./protocol.ts";

/** @param from position of the first row; @returns how many there are in all, and at most `count` of them, in address order. */
export function tableOf(
  recording: Recording,
  {
    step: number,
    look,
    from,
    count,
  }: { readonly step?: number; readonly look?: MapLook; readonly from: number; readonly count: number },
): { readonly total: number; readonly rows: readonly TableRow[] } {
  const step = number === undefined ? undefined : recording.steps.byNumber(number);
  const { brush, other } = look ?? {};
  const layout = layoutOf(recording, brush ? stepsOf(recording.steps, brush).at(-1) : step);
  const brushed = brush && unionsOf(recording).of(brush);
  const compared = brush && other && unionsOf(recording).of(other);
  const { mappings } = layout;
  const rows = mappings.slice(from, from + count).map((mapping, i): TableRow => {
    const { start, end, permissions } = mapping;
    const armed = armedWay(layout, mapping);
    const reason = armed === "no" ? reasonOf(layout, mapping) : undefined;
    const unseen = unseenIn(layout, start, end);
    return {
      start,
      end,
      permissions,
      name: nameOf(mappings, from + i),
      armed,
      ...(reason === undefined ? {} : { reason }),
      ...(unseen === undefined ? {} : { unseen }),
      resident: recording.resident.countIn(start, end),
      written: step ? programPagesIn(step, start, end) : 0,
      everWritten: recording.everWritten.countIn(start, end),
      ...(brushed ? { brushed: brushed.countIn(start, end) } : {}),
      ...(compared ? { compared: compared.countIn(start, end) } : {}),
      ...(recording.kind === "scan"
        ? { classes: recording.classes.map(({ pages }) => pages.countIn(start, end)) }
        : {}),
    };
  });
  return { total: mappings.length, rows };
}

// What memory is for, as the map tells it apart when it is coloured by kind.
import { t } from "../../common/l10n.ts";
import { isZeroedData, kindOf, type Mapping, type MappingKind } from "../../memory/mapping.ts";

/** In the order of their signs. */
export const KINDS: readonly { readonly kind: MappingKind; readonly words: string }[] = [
  { kind: "heap", words: t("heap") },
  { kind: "stack", words: t("stack") },
  { kind: "file", words: t("files' data") },
  { kind: "anonymous", words: t("anonymous") },
  { kind: "shared", words: t("shared") },
  { kind: "kernel", words: t("kernel's") },
];

/** Index in {@link KINDS} of a mapping, which zeroed data has of its file's. */
export function classOfKind(mappings: readonly Mapping[], index: number): number {
  const kind = isZeroedData(mappings[index], mappings[index - 1]) ? "file" : kindOf(mappings[index]);
  return KINDS.findIndex(each => each.kind === kind);
}

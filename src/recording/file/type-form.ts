// Types of variables in a file: each table is told once, then by its number.
import { BadShape } from "../../common/shape.ts";
import type { EnumValue, Member, Type, TypeTable } from "../../names/types/type.ts";
import { type Form, flag, list, oneOf, optional, record, sharedText, signed, whole } from "./form.ts";

const MOST_TYPES = 1000;
const MOST_PARTS = 10_000;

type Body<K extends Type["kind"]> = Omit<Extract<Type, { kind: K }>, "kind">;

const KINDS: readonly Type["kind"][] = ["base", "pointer", "enum", "array", "record", "unknown"];
const kind = oneOf(...KINDS);

const index = whole(MOST_TYPES);
const bodies: { readonly [K in Type["kind"]]: Form<Body<K>> } = {
  base: record<Body<"base">>({
    name: sharedText,
    size: whole(),
    encoding: oneOf("signed", "unsigned", "float", "boolean", "character", "other"),
  }),
  pointer: record<Body<"pointer">>({ size: whole(), to: optional(index), reference: flag }),
  enum: record<Body<"enum">>({
    name: sharedText,
    size: whole(),
    values: list(record<EnumValue>({ name: sharedText, value: signed }), MOST_PARTS),
  }),
  array: record<Body<"array">>({ of: index, count: whole(), stride: whole() }),
  record: record<Body<"record">>({
    name: sharedText,
    size: whole(),
    union: flag,
    members: list(
      record<Member>({
        name: sharedText,
        offset: whole(),
        type: index,
        bit: optional(whole(512)),
        bits: optional(whole(512)),
      }),
      MOST_PARTS,
    ),
  }),
  unknown: record<Body<"unknown">>({ name: sharedText, size: whole() }),
};

const type: Form<Type> = {
  write: (sink, value) => {
    kind.write(sink, value.kind);
    (bodies[value.kind] as Form<unknown>).write(sink, writable(value));
  },
  read: source => {
    const its = kind.read(source);
    return { kind: its, ...(bodies[its].read(source) as object) } as Type;
  },
};
const table = list(type, MOST_TYPES);

/** A table of types that other records have, too: the same object each time, for writer and reader. */
export const sharedTypes: Form<TypeTable> = {
  write: (sink, value) => {
    const { tables } = sink.before;
    const known = tables.get(value);
    sink.whole(known ?? tables.size);
    if (known !== undefined) return;
    tables.set(value, tables.size);
    table.write(sink, value);
  },
  read: source => {
    const number = source.whole();
    const { tables } = source.before;
    if (number > tables.length) throw new BadShape(`types ${number} are referred to before they are told`);
    if (number === tables.length) {
      const read = table.read(source);
      checkPlaces(read);
      tables.push(read);
    }
    return tables[number];
  },
};

/** Values that a double does not hold exactly are left out: they would be told wrong. */
function writable(value: Type): Type {
  const isExact = (each: EnumValue): boolean => Math.abs(each.value) < 2 ** 51;
  return value.kind === "enum" ? { ...value, values: value.values.filter(isExact) } : value;
}

function checkPlaces(types: TypeTable): void {
  if (types.length === 0) throw new BadShape("a table of types is empty");
  for (const each of types) {
    const places =
      each.kind === "array"
        ? [each.of]
        : each.kind === "record"
          ? each.members.map(member => member.type)
          : each.kind === "pointer"
            ? [each.to ?? 0]
            : [];
    if (places.some(place => place >= types.length)) throw new BadShape("a type is made of one that is not there");
  }
}

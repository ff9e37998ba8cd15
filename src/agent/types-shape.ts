// What a table of types must look like when it arrives from an agent.
import { flag, list, number, object, oneOf, optional, type Shape, text, variant, whole } from "../common/shape.ts";
import type { EnumValue, Member, Type, TypeTable } from "../names/types/type.ts";

/** Types of one answer, and parts of one type: more are left out by whoever makes them. */
export const MOST_TYPES = 20_000;
export const MOST_PARTS = 2000;
/** Characters of a type's or member's name. */
export const LONGEST_TYPE_NAME = 200;

type Kind<K extends Type["kind"]> = Extract<Type, { kind: K }>;

const index = whole(0, MOST_TYPES);
const size = number(0, 2 ** 53);
const name = text(LONGEST_TYPE_NAME);

export const typeTable: Shape<TypeTable> = list(
  variant<Type>("kind", {
    base: object<Kind<"base">>({
      kind: oneOf("base"),
      name,
      size,
      encoding: oneOf("signed", "unsigned", "float", "boolean", "character", "other"),
    }),
    pointer: object<Kind<"pointer">>({ kind: oneOf("pointer"), size, to: optional(index), reference: flag }),
    enum: object<Kind<"enum">>({
      kind: oneOf("enum"),
      name,
      size,
      values: list(object<EnumValue>({ name, value: number() }), MOST_PARTS),
    }),
    array: object<Kind<"array">>({ kind: oneOf("array"), of: index, count: size, stride: size }),
    record: object<Kind<"record">>({
      kind: oneOf("record"),
      name,
      size,
      union: flag,
      members: list(
        object<Member>({
          name,
          offset: size,
          type: index,
          bit: optional(whole(0, 512)),
          bits: optional(whole(0, 512)),
        }),
        MOST_PARTS,
      ),
    }),
    unknown: object<Kind<"unknown">>({ kind: oneOf("unknown"), name, size }),
  }),
  MOST_TYPES,
);

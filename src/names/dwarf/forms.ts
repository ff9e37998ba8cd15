// Values of attributes: how each form is stored, read or skipped (DWARF 5, 7.5.5 "Classes and Forms").
import { BadFile } from "../bytes.ts";
import { Form } from "./codes.ts";
import type { Cursor } from "./cursor.ts";

/** How a unit stores offsets and addresses. */
export interface Sizes {
  /** 4, or 8 in 64-bit DWARF. */
  readonly offset: number;
  /** Of an address. */
  readonly address: number;
  readonly version: number;
}

/** A text that is in another section, or its place in a table of places. */
export interface TextPlace {
  readonly in: ".debug_str" | ".debug_line_str" | "table";
  readonly at: number;
  /** In the file that several programs share. */
  readonly isShared?: boolean;
}

/** A number; bytes of an expression; a text, or where it is; undefined: of a sort that is not understood. */
export type Value = number | Uint8Array | string | TextPlace | undefined;

/** References to other entries within the same unit; all else is a place in the section, or no reference. */
export function isUnitReference(form: number): boolean {
  return form >= Form.REF1 && form <= Form.REF_UDATA;
}

/** @param implicit the value that the abbreviation has, of an implicit constant. @throws {BadFile} of a form that is not known. */
export function readForm(cursor: Cursor, form: number, sizes: Sizes, implicit: number): Value {
  switch (form) {
    case Form.ADDR:
      return sizes.address === 4 ? cursor.u32() : cursor.u64();
    case Form.DATA1:
    case Form.REF1:
    case Form.FLAG:
      return cursor.u8();
    case Form.DATA2:
    case Form.REF2:
      return cursor.u16();
    case Form.DATA4:
    case Form.REF4:
      return cursor.u32();
    case Form.DATA8:
    case Form.REF8:
      return cursor.u64();
    case Form.SDATA:
      return cursor.sleb();
    case Form.UDATA:
    case Form.REF_UDATA:
      return cursor.uleb();
    case Form.REF_ADDR:
      return sizes.version < 3 ? cursor.u64() : offsetAt(cursor, sizes);
    case Form.SEC_OFFSET:
    case Form.GNU_REF_ALT:
      return offsetAt(cursor, sizes);
    case Form.REF_SUP4:
      return cursor.u32();
    case Form.REF_SUP8:
      return cursor.u64();
    case Form.GNU_STRP_ALT:
    case Form.STRP_SUP:
      return { in: ".debug_str", at: offsetAt(cursor, sizes), isShared: true };
    case Form.FLAG_PRESENT:
      return 1;
    case Form.IMPLICIT_CONST:
      return implicit;
    case Form.STRING:
      return cursor.text();
    case Form.STRP:
      return { in: ".debug_str", at: offsetAt(cursor, sizes) };
    case Form.LINE_STRP:
      return { in: ".debug_line_str", at: offsetAt(cursor, sizes) };
    case Form.STRX:
    case Form.GNU_STR_INDEX:
      return { in: "table", at: cursor.uleb() };
    case Form.STRX1:
      return { in: "table", at: cursor.u8() };
    case Form.STRX2:
      return { in: "table", at: cursor.u16() };
    case Form.STRX3:
      return { in: "table", at: cursor.u24() };
    case Form.STRX4:
      return { in: "table", at: cursor.u32() };
    case Form.BLOCK1:
      return cursor.block(cursor.u8());
    case Form.BLOCK2:
      return cursor.block(cursor.u16());
    case Form.BLOCK4:
      return cursor.block(cursor.u32());
    case Form.BLOCK:
    case Form.EXPRLOC:
      return cursor.block(cursor.uleb());
    case Form.INDIRECT: {
      const own = cursor.uleb();
      if (own === Form.INDIRECT) throw new BadFile("a value of its debug information says its form without end");
      return readForm(cursor, own, sizes, implicit);
    }
    default:
      skipForm(cursor, form, sizes);
      return undefined;
  }
}

function skipForm(cursor: Cursor, form: number, sizes: Sizes): void {
  const size = fixedSize(form, sizes);
  if (size !== undefined) cursor.skip(size);
  else if (form === Form.ADDRX || form === Form.LOCLISTX || form === Form.RNGLISTX || form === Form.GNU_ADDR_INDEX)
    cursor.uleb();
  else throw new BadFile(`its debug information has values of a form that is not known, 0x${form.toString(16)}`);
}

/** Bytes of a form that always has as many; undefined of others. */
export function fixedSize(form: number, sizes: Sizes): number | undefined {
  switch (form) {
    case Form.ADDR:
      return sizes.address;
    case Form.FLAG_PRESENT:
    case Form.IMPLICIT_CONST:
      return 0;
    case Form.DATA1:
    case Form.REF1:
    case Form.FLAG:
    case Form.STRX1:
    case Form.ADDRX1:
      return 1;
    case Form.DATA2:
    case Form.REF2:
    case Form.STRX2:
    case Form.ADDRX2:
      return 2;
    case Form.STRX3:
    case Form.ADDRX3:
      return 3;
    case Form.DATA4:
    case Form.REF4:
    case Form.STRX4:
    case Form.ADDRX4:
    case Form.REF_SUP4:
      return 4;
    case Form.DATA8:
    case Form.REF8:
    case Form.REF_SIG8:
    case Form.REF_SUP8:
      return 8;
    case Form.DATA16:
      return 16;
    case Form.REF_ADDR:
      return sizes.version < 3 ? sizes.address : sizes.offset;
    case Form.STRP:
    case Form.LINE_STRP:
    case Form.STRP_SUP:
    case Form.SEC_OFFSET:
    case Form.GNU_REF_ALT:
    case Form.GNU_STRP_ALT:
      return sizes.offset;
    default:
      return undefined;
  }
}

function offsetAt(cursor: Cursor, { offset }: Sizes): number {
  return offset === 4 ? cursor.u32() : cursor.u64();
}

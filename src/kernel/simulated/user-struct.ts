// A call's struct where the caller keeps it: the kernel copies parts of it in and out, each part once, and no byte beside.
import type { AddressSpace } from "./address-space.ts";
import { TASK_SIZE } from "./arguments.ts";
import { readBytes, writeBytes } from "./populate.ts";

export interface UserStruct {
  /** copy_from_user of `length` bytes from `offset` on. @returns undefined where they can't be read (EFAULT). */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> | undefined;
  /** copy_to_user. @returns false where they can't be written (EFAULT). */
  write(offset: number, bytes: Uint8Array): boolean;
}

/** A struct in a process's memory, reached by the process's own rights. */
export function structAt(mm: AddressSpace, address: bigint): UserStruct {
  const isUser = (offset: number, length: number): boolean => address + BigInt(offset + length) <= TASK_SIZE;
  return {
    read(offset, length) {
      const bytes = new Uint8Array(length);
      if (!isUser(offset, length)) return undefined;
      return readBytes(mm, Number(address) + offset, bytes, "processor").done === length ? bytes : undefined;
    },
    write: (offset, bytes) =>
      isUser(offset, bytes.length) &&
      writeBytes(mm, Number(address) + offset, bytes, "processor").done === bytes.length,
  };
}

/** A struct of whoever calls from outside of the simulated memory; what lies behind the words reads as zero. */
export function structOf(words: BigUint64Array): UserStruct {
  const all = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  return {
    read(offset, length) {
      const bytes = new Uint8Array(length);
      bytes.set(all.subarray(offset, offset + length));
      return bytes;
    },
    write(offset, bytes) {
      all.set(bytes.subarray(0, Math.max(0, all.length - offset)), offset);
      return true;
    },
  };
}

/** The first words of a struct; undefined where they can't be read. */
export function readWords(struct: UserStruct, count: number): BigUint64Array | undefined {
  const bytes = struct.read(0, count * 8);
  return bytes && new BigUint64Array(bytes.buffer);
}

/** Stores words from word `index` on. @returns false where they can't be written. */
export function writeWords(struct: UserStruct, index: number, ...words: readonly bigint[]): boolean {
  return struct.write(index * 8, new Uint8Array(BigUint64Array.from(words).buffer));
}

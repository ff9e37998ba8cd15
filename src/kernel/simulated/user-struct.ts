// A call's struct where the caller keeps it: the kernel copies parts of it in and out, each part once, and no byte beside.
import type { AddressSpace } from "./address-space.ts";
import { TASK_SIZE } from "./arguments.ts";
import { reaching, readBytes, writeBytes } from "./populate.ts";
import type { Resumable } from "./work.ts";

export interface UserStruct {
  /** copy_from_user of `length` bytes from `offset` on. @returns undefined where they can't be read (EFAULT). */
  read(offset: number, length: number): Resumable<Uint8Array<ArrayBuffer> | undefined>;
  /** copy_to_user. @returns false where they can't be written (EFAULT). */
  write(offset: number, bytes: Uint8Array): Resumable<boolean>;
}

/** Writes bytes to a process's memory by its own rights; a userfaultfd may have the call wait. @returns whether all could be written. */
export function* copyOut(mm: AddressSpace, address: number, bytes: Uint8Array): Resumable<boolean> {
  const write = (rest: Uint8Array, done: number) => writeBytes(mm, address + done, rest, "system call");
  return (yield* reaching(bytes, write)) === bytes.length;
}

/** A struct in a process's memory, reached by the process's own rights. */
export function structAt(mm: AddressSpace, address: bigint): UserStruct {
  const isUser = (offset: number, length: number): boolean => address + BigInt(offset + length) <= TASK_SIZE;
  return {
    *read(offset, length) {
      const bytes = new Uint8Array(length);
      if (!isUser(offset, length)) return undefined;
      const from = Number(address) + offset;
      const read = (rest: Uint8Array, done: number) => readBytes(mm, from + done, rest, "system call");
      return (yield* reaching(bytes, read)) === length ? bytes : undefined;
    },
    *write(offset, bytes) {
      return isUser(offset, bytes.length) && (yield* copyOut(mm, Number(address) + offset, bytes));
    },
  };
}

/** A struct of whoever calls from outside of the simulated memory; what lies behind the words reads as zero. */
export function structOf(words: BigUint64Array): UserStruct {
  const all = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  return {
    // biome-ignore lint/correctness/useYield: nobody waits for memory of one's own.
    *read(offset, length) {
      const bytes = new Uint8Array(length);
      bytes.set(all.subarray(offset, offset + length));
      return bytes;
    },
    // biome-ignore lint/correctness/useYield: nobody waits for memory of one's own.
    *write(offset, bytes) {
      all.set(bytes.subarray(0, Math.max(0, all.length - offset)), offset);
      return true;
    },
  };
}

/** The first words of a struct; undefined where they can't be read. */
export function* readWords(struct: UserStruct, count: number): Resumable<BigUint64Array | undefined> {
  const bytes = yield* struct.read(0, count * 8);
  return bytes && new BigUint64Array(bytes.buffer);
}

/** Stores words from word `index` on. @returns false where they can't be written. */
export function* writeWords(struct: UserStruct, index: number, ...words: readonly bigint[]): Resumable<boolean> {
  return yield* struct.write(index * 8, new Uint8Array(BigUint64Array.from(words).buffer));
}

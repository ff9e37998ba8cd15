// Which of a program's integers are addresses it can use.
import { unmappedFault } from "../../kernel/simulated/system-calls.ts";
import { addressOf, USER_PAGES_END } from "../../memory/page.ts";
import { type Integer, toRegister } from "../language/integer.ts";

const USER_END = addressOf(USER_PAGES_END);

/** @throws {MemoryFault} it is none that a program could use. */
export function userAddress(address: Integer, isWrite: boolean): number {
  if (typeof address === "number" && address >= 0 && address < USER_END) return address;
  throw unmappedFault(toRegister(address), isWrite);
}

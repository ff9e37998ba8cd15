// The arguments of a launch configuration, checked.
import { shortened } from "../../common/shortened.ts";
import { type KernelProfile, LINUX_6_18, PROFILES } from "../../kernel/simulated/profile.ts";
import { type Integer, integer } from "../language/integer.ts";

export interface LaunchOptions {
  readonly program: string;
  readonly seed?: Integer;
  readonly profile: KernelProfile;
  readonly stopOnEntry: boolean;
  readonly arguments: readonly Integer[];
  readonly noDebug: boolean;
}

/** @throws {Error} with what is wrong and what would be right. */
export function launchOptions(given: unknown): LaunchOptions {
  const values = (typeof given === "object" && given !== null ? given : {}) as Readonly<Record<string, unknown>>;
  const { program, seed, kernel, stopOnEntry, args, noDebug } = values;
  if (typeof program !== "string" || program === "") {
    throw new Error('The launch configuration names no "program": the path of a .wsim file.');
  }
  const profile = kernel === undefined ? LINUX_6_18 : PROFILES.find(({ name }) => name === kernel);
  if (!profile) {
    const names = PROFILES.map(({ name }) => `"${name}"`);
    const known = `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
    throw new Error(`"kernel" is ${known}, not ${shortened(kernel)}.`);
  }
  if (args !== undefined && !Array.isArray(args)) throw new Error('"args" is a list of whole numbers.');
  return {
    program,
    ...(seed === undefined ? {} : { seed: wholeNumber("seed", seed) }),
    profile,
    stopOnEntry: yesOrNo("stopOnEntry", stopOnEntry) && !yesOrNo("noDebug", noDebug),
    arguments: (args ?? []).map((value: unknown) => wholeNumber("args", value)),
    noDebug: yesOrNo("noDebug", noDebug),
  };
}

function yesOrNo(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === "boolean") return value === true;
  throw new Error(`"${name}" takes true or false, not ${shortened(value)}.`);
}

function wholeNumber(name: string, value: unknown): Integer {
  const text = typeof value === "number" || typeof value === "string" ? String(value).trim() : "";
  if (!/^(-?\d{1,20}|0x[0-9a-fA-F]{1,16})$/.test(text)) {
    throw new Error(`"${name}" takes whole numbers, not ${shortened(value)}.`);
  }
  try {
    return integer(BigInt(text));
  } catch {
    throw new Error(`"${name}" takes whole numbers of 64 bits, not ${shortened(value)}.`);
  }
}

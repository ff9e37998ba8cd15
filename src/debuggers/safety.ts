// Whether a call may be run in a process at all, and whether it is the debuggee: told before anything is done to it.
import type { ProcessStatus } from "../kernel/kernel.ts";
import { statusFields, whySeccompForbids } from "../kernel/status-text.ts";

/** Of a process that its debugger does not trace. */
export interface Untraced {
  /** The agent's process, which may hold it; undefined where the agent is none of its own. */
  readonly agent: number | undefined;
  /** Nobody knows whether its debugger traces it. */
  readonly isGuess?: boolean;
}

/**
 * Why no system call may be run in a process, in words; undefined where one may.
 * @param pid as the debugger tells it.
 * @param status undefined where no process has that number.
 * @param untraced given where the debugger does not trace it: then we must be able to.
 */
export function whyUnsafe(
  pid: number,
  status: Pick<ProcessStatus, "process" | "own"> | undefined,
  untraced?: Untraced,
): string | undefined {
  if (!status) {
    return `The debugger says that it debugs process ${pid}, but this computer has none of that number: the program must run where VS Code's extensions run.`;
  }
  const process = statusFields(status.process);
  const own = statusFields(status.own);
  const what = `process ${pid} (${process.get("Name")})`;
  const held = untraced ? whyHeld(what, process, untraced) : whyNotHeld(what, process);
  if (held) return held;
  return whySeccompForbids(what, process, own);
}

function whyNotHeld(what: string, process: ReadonlyMap<string, string>): string | undefined {
  if (process.get("TracerPid") === "0") {
    return `The debugger says that it debugs ${what}, but no debugger holds that one on this computer: the program must run where VS Code's extensions run.`;
  }
  if (!/^[tTD]/.test(process.get("State") ?? "t")) {
    return `The debugger says that the program stands, but ${what} is running.`;
  }
  return undefined;
}

function whyHeld(what: string, process: ReadonlyMap<string, string>, { agent, isGuess }: Untraced): string | undefined {
  const tracer = Number(process.get("TracerPid"));
  if (tracer === 0 || tracer === agent) return undefined;
  if (isGuess)
    return `Arming takes one system call in ${what}. This debugger holds it (as process ${tracer}), so that nobody else can make one, and WriteWatch does not know how to have this debugger do so: debug it with lldb-dap or gdb instead.`;
  return `Another debugger (process ${tracer}) traces ${what}, and a process has one tracer only: end that debugger, or arm in its session.`;
}

/** What a session knows of its program besides the number that the debugger tells. */
export interface Expected {
  /** Path of the program that is to be debugged. */
  readonly program?: string;
  /** The process that was to be attached to. */
  readonly pid?: number;
}

/** Longer ones no kernel takes (include/uapi/linux/limits.h). */
const PATH_MAX = 4096;

/** @param configuration arguments of the `launch` or `attach` request; debuggers agree in what these are called. */
export function expectedBy(configuration: object | undefined): Expected {
  const { program, cwd, pid, processId } = (configuration ?? {}) as Partial<Record<string, unknown>>;
  const path = typeof program === "string" && program.length <= PATH_MAX ? absolute(program, cwd) : undefined;
  const number = Number(pid ?? processId);
  return {
    ...(path === undefined ? {} : { program: path }),
    ...(Number.isInteger(number) && number > 0 ? { pid: number } : {}),
  };
}

function absolute(path: string, folder: unknown): string | undefined {
  if (path.startsWith("/")) return path;
  return typeof folder === "string" && folder.startsWith("/") ? `${folder}/${path}` : undefined;
}

/**
 * Why a process can't be the session's, in words; undefined where it may be. Only for a number that the program could have forged: a
 * program may run another one in its place, and a debugger may follow a child of it, without a word in the configuration. So what
 * contradicts the configuration is believed where the process's debugger is one that was started here.
 */
export function whyAnother(pid: number, status: ProcessStatus, { program, pid: wanted }: Expected): string | undefined {
  if (status.tracedFromHere) return undefined;
  const said = `The debugger's answer seems to be that it debugs process ${pid}`;
  const doubt = "and what holds that one was not started here: the program may have printed this answer itself";
  const remedy = "Nothing was done to that process";
  if (wanted !== undefined) {
    return wanted === pid ? undefined : `${said}, but it was to attach to ${wanted}, ${doubt}. ${remedy}.`;
  }
  if (program === undefined || status.runsProgram !== false) return undefined;
  const other = `but that one runs ${status.executable}, not ${program}`;
  return `${said}, ${other}, ${doubt}. ${remedy}; if the program runs another one in its place, name that as "program" in the launch configuration.`;
}

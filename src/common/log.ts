// What the rooms tell about their work, for whoever looks for a fault: five levels, and words that are made only where somebody reads them.

/** A line of the log, or how to make it: the function is called only where its level is read. */
export type LogMessage = string | (() => string);

export interface Log {
  /** Each message that goes by: DAP traffic, requests to the agent. */
  trace(message: LogMessage): void;
  /** What was decided and how long it took: a scan, a call in the debuggee. */
  debug(message: LogMessage): void;
  /** What a user would tell of the session: armed, disarmed, a step. */
  info(message: LogMessage): void;
  /** What was refused or given up while the rest goes on. */
  warn(message: LogMessage): void;
  /** What ended an operation that the user asked for. */
  error(message: LogMessage): void;
}

export type LogLevel = keyof Log;

/** From the most talkative to the most silent. */
export const LOG_LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error"];

/**
 * A log that hands finished lines to `write`.
 * @param reads whether anybody reads that level now; asked at each message, since the user may change it at any time.
 */
export function logTo(write: (level: LogLevel, line: string) => void, reads: (level: LogLevel) => boolean): Log {
  const at = (level: LogLevel) => (message: LogMessage) => {
    if (reads(level)) write(level, lineOf(message));
  };
  return { trace: at("trace"), debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** The same log, each line beginning with the name of the part that speaks: "agent: started". */
export function named(log: Log, name: string): Log {
  const prefixed = (message: LogMessage) => () => `${name}: ${typeof message === "string" ? message : message()}`;
  return {
    trace: message => log.trace(prefixed(message)),
    debug: message => log.debug(prefixed(message)),
    info: message => log.info(prefixed(message)),
    warn: message => log.warn(prefixed(message)),
    error: message => log.error(prefixed(message)),
  };
}

const nothing = (): void => {};

/** Nobody reads it, and no message is ever made. */
export const NO_LOG: Log = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Logging must not break what it tells of, and what a program printed must not pass for a line of ours. */
function lineOf(message: LogMessage): string {
  let text: string;
  try {
    text = typeof message === "string" ? message : message();
  } catch (error) {
    text = `(a message that could not be made: ${error instanceof Error ? error.message : String(error)})`;
  }
  return text.replace(/[\r\n\u2028\u2029]+/g, " ⏎ ");
}

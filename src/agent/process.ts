// One agent's process: starts it, asks it, and ends it when it has nothing more to do or no longer answers.
import { type ChildProcess, fork } from "node:child_process";
import { answered, DeadlineError } from "../common/deadline.ts";
import type { Disposable } from "../common/disposable.ts";
import { Emitter } from "../common/emitter.ts";
import type { Log } from "../common/log.ts";
import { type Connection, connectOver } from "../common/post-message.ts";
import { ask, hear, type NotificationType, Refusal } from "../common/rpc.ts";
import { checked, type Shape } from "../common/shape.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { type CoreProgress, coreProgress } from "./cores.ts";
import { type AgentRequest, ALIVE, aliveShape, CORE_PROGRESS, kernelErrorData } from "./protocol.ts";
import { AgentGone } from "./tracking.ts";

/**
 * How long the agent may be silent while it is asked something, milliseconds. It gives signs of life whenever it is not inside a
 * system call, and none of those takes so long: a terabyte is write-protected in seconds.
 */
const PATIENCE = 10_000;
/** The same for its start, of which the computer's load decides. */
const STARTING = 60_000;
/**
 * Environment: the port at which a debugger may attach to the agent. One that stands at a breakpoint is silent, and nobody may take
 * it for hung.
 */
const INSPECT = "WRITEWATCH_INSPECT_AGENT";
/** The longest that a timer takes. */
const FOR_EVER = 2 ** 31 - 1;
/** How long an ending process may bring to its end what may not be cut short, milliseconds: it takes less than one. */
const VITAL = 4_000;
/** How long a killed process may take to end, milliseconds: inside a system call it ends only when that returns. */
const DYING = 2_000;

export interface AgentSettings {
  /** The agent's main module. */
  readonly modulePath: string;
  readonly log: Log;
  /** Instead of {@link PATIENCE}, for tests. */
  readonly patience?: number;
}

export class AgentProcess {
  /** Settles when the process has ended, with one sentence on how. */
  readonly gone: Promise<string>;
  private readonly child: ChildProcess;
  private readonly connection: Connection;
  private readonly signs = new Emitter<void>();
  /** Settles with its first sign of life, or its end; forgotten then, so that nobody waits a turn for what has been. */
  private starting: Promise<void> | undefined;
  private readonly patience: number;
  private readonly log: Log;
  /** Requests that are under way and may not be cut short: a program would come to harm. */
  private readonly vital = new Set<Promise<unknown>>();
  /** What is to be told of its end, where that was our doing. */
  private why: string | undefined;
  private epitaph: string | undefined;

  constructor({ modulePath, log, patience = PATIENCE }: AgentSettings) {
    const inspector = process.env[INSPECT];
    this.log = log;
    this.patience = inspector ? FOR_EVER : patience;
    this.child = fork(modulePath, [], {
      // Typed arrays cross as they are, not as JSON objects.
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: inspector ? [`--inspect=127.0.0.1:${inspector}`] : [],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
    });
    let complaint = "";
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    this.connection = connectOver(portOf(this.child), log);
    let begin = (): void => {};
    this.starting = new Promise(resolve => {
      begin = () => {
        this.starting = undefined;
        resolve();
      };
    });
    const alive = (): void => {
      begin();
      this.signs.fire();
    };
    hear(this.connection, ALIVE, aliveShape, alive, log);
    this.gone = new Promise(resolve => {
      const end = (how: string): void => {
        if (this.epitaph !== undefined) return;
        this.epitaph = this.why ?? how;
        log.debug(() => `process ${this.pid}: ${this.epitaph}`);
        this.connection.dispose();
        begin();
        resolve(this.epitaph);
      };
      this.child.once("error", error => end(`the agent could not be started: ${error.message}`));
      this.child.once("exit", (code, signal) =>
        end(
          `the agent ended (${signal ? `signal ${signal}` : `exit code ${code}`})${complaint ? `: ${complaint.trim()}` : ""}`,
        ),
      );
    });
    log.debug(() => `process ${this.pid} started`);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Asks one thing.
   * @throws {KernelError} the kernel's refusal; {Refusal} the agent's; {Cancelled} by the signal, and the agent was told;
   *   {AgentGone} the process has ended, or was silent for so long that it was killed.
   */
  async ask<P, R>(request: AgentRequest<P, R>, params: P, signal?: AbortSignal): Promise<R> {
    const what = `the agent (process ${this.pid}), asked to ${request.words},`;
    let answer: unknown;
    try {
      if (this.starting) await answered(this.starting, { what, milliseconds: STARTING, signal });
      const wait = { what, milliseconds: this.patience, signal, signs: this.signs };
      answer = await this.kept(request.isVital === true, ask(this.connection, request.type, params, wait));
    } catch (error) {
      if (this.epitaph !== undefined) throw new AgentGone(this.epitaph);
      if (error instanceof DeadlineError) throw new AgentGone(await this.end(`${error.message} and was killed`));
      throw error instanceof Refusal ? kernelErrorOf(error) : error;
    }
    try {
      return request.fromWire(answer);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new AgentGone(await this.end(`${what} gave no answer (${why}) and was killed`));
    }
  }

  private async kept<T>(isVital: boolean, answer: Promise<T>): Promise<T> {
    if (!isVital) return answer;
    this.vital.add(answer);
    try {
      return await answer;
    } finally {
      this.vital.delete(answer);
    }
  }

  /** Asks for what takes long, and hears how far it is. @throws as {@link ask}. */
  async askTelling<P, R>(
    request: AgentRequest<P, R>,
    params: P,
    onProgress: (progress: CoreProgress) => void,
    signal?: AbortSignal,
  ): Promise<R> {
    const hearing = this.hear(CORE_PROGRESS, coreProgress, onProgress);
    try {
      return await this.ask(request, params, signal);
    } finally {
      hearing.dispose();
    }
  }

  /** Hears what the agent tells unasked. */
  hear<P>(type: NotificationType<P>, shape: Shape<P>, work: (params: P) => void): Disposable {
    return hear(this.connection, type, shape, work, this.log);
  }

  /**
   * Ends the process by SIGKILL, which works on one that hangs or is stopped, too: the kernel then closes what it had open, and
   * everything is disarmed.
   * @param why one sentence for {@link gone}.
   * @returns when it has ended, what {@link gone} tells.
   */
  async end(why?: string): Promise<string> {
    this.why ??= why;
    if (this.vital.size > 0) await Promise.race([Promise.allSettled(this.vital), sleep(VITAL)]);
    this.child.kill("SIGKILL");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const slow = new Promise<string>(resolve => {
      timer = setTimeout(() => resolve(this.why ?? "the agent was killed"), DYING);
    });
    try {
      return await Promise.race([this.gone, slow]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, milliseconds).unref();
  });
}

/** The process as a place to post messages to. A write that fails because it is gone is told by its exit. */
function portOf(child: ChildProcess): Parameters<typeof connectOver>[0] {
  return {
    post: message => void child.send(message as object, () => {}),
    listen: listener => {
      child.on("message", listener);
      return { dispose: () => void child.off("message", listener) };
    },
  };
}

function kernelErrorOf(refusal: Refusal): Error {
  if (kernelErrorData.problem(refusal.data, "") !== undefined) return refusal;
  const { call, target, errno, remedy } = checked(kernelErrorData, refusal.data);
  return new KernelError(call, target, errno, remedy || undefined);
}

// What a session asks of its agent and tracker, told in the log: each request, how long it took, and each refusal.
import type { TrackerHandle, TrackingAgent } from "../agent/tracking.ts";
import type { Log } from "../common/log.ts";

/** The same agent; what it and its trackers are asked is told. */
export function tracedAgent(agent: TrackingAgent, log: Log): TrackingAgent {
  return traced(agent, log, (name, result) => (name === "tracker" ? traced(result as TrackerHandle, log) : result));
}

/** @param then what callers get instead of a method's result. */
function traced<T extends object>(subject: T, log: Log, then = (_name: string, result: unknown) => result): T {
  return new Proxy(subject, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function" || typeof name !== "string") return member;
      return (...args: unknown[]) => {
        const result = Reflect.apply(member, target, args);
        if (result instanceof Promise) follow(name, result, log);
        return then(name, result);
      };
    },
  });
}

function follow(name: string, answer: Promise<unknown>, log: Log): void {
  const begin = performance.now();
  const after = (): string => `after ${(performance.now() - begin).toFixed(1)} ms`;
  answer.then(
    () => log.trace(() => `${name}: answered ${after()}`),
    error => log.warn(() => `${name}: refused ${after()}: ${error instanceof Error ? error.message : String(error)}`),
  );
}

// Answers the agent's requests over a connection: one tracker a debug session, and nothing shared between them.
import { type CancellationToken, ErrorCodes, type MessageConnection, ResponseError } from "vscode-jsonrpc/node";
import type { Kernel } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { takeSnapshot } from "../tracker/snapshot.ts";
import { Tracker } from "../tracker/tracker.ts";
import * as Protocol from "./protocol.ts";
import { CANCELLED, KERNEL_ERROR } from "./service-codes.ts";

/** @param capabilities asks the kernel what it offers. */
export function serve(
  connection: MessageConnection,
  kernel: Kernel,
  capabilities: () => Protocol.CapabilityReport,
): void {
  const trackers = new Map<number, Tracker>();

  const tracker = (id: number): Tracker => {
    const found = trackers.get(id);
    if (!found) throw new ResponseError(ErrorCodes.InvalidParams, "nothing is armed");
    return found;
  };
  const drop = (id: number): void => {
    trackers.get(id)?.close();
    trackers.delete(id);
  };

  // A scan lets other requests in while it waits for its thread; they wait for it.
  let busy: Promise<unknown> = Promise.resolve();
  const inTurn =
    <T>(work: () => T | Promise<T>) =>
    (): Promise<T> => {
      const result = busy.then(work);
      busy = result.catch(() => {});
      return result;
    };

  connection.onRequest(Protocol.AttachRequest, ({ tracker: id, pid, descriptor, options }) =>
    answer(() => {
      drop(id);
      trackers.set(id, new Tracker(kernel, pid, descriptor, options));
      return null;
    }),
  );
  connection.onRequest(Protocol.ArmRequest, ({ tracker: id }, token) =>
    answer(async () => {
      const arming = tracker(id);
      try {
        const report = await arming.arm(() => turn(token));
        return { ...report, layout: arming.layout() };
      } catch (error) {
        drop(id);
        throw error;
      }
    }),
  );
  connection.onRequest(Protocol.ScanRequest, ({ tracker: id, token }) =>
    answer(inTurn(() => tracker(id).scan(runs => void connection.sendProgress(Protocol.RunsProgress, token, runs)))),
  );
  connection.onRequest(Protocol.SettleRequest, ({ tracker: id, resident }) =>
    answer(inTurn(() => tracker(id).settle(resident))),
  );
  connection.onRequest(Protocol.DisarmRequest, ({ tracker: id }) =>
    answer(
      inTurn(() => {
        drop(id);
        return null;
      }),
    ),
  );
  connection.onRequest(Protocol.SnapshotRequest, ({ pid }) => answer(() => takeSnapshot(kernel, pid)));
  connection.onRequest(Protocol.CapabilitiesRequest, () => answer(capabilities));
}

/** Lets other requests in, a cancellation among them. */
async function turn(token: CancellationToken): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
  if (token.isCancellationRequested) throw new ResponseError(CANCELLED, "cancelled");
}

async function answer<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    const data: Protocol.KernelErrorData = { call: error.call, target: error.target, errno: error.errno };
    throw new ResponseError(KERNEL_ERROR, error.message, data);
  }
}

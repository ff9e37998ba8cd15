// Answers requests over a connection by an agent in this process: one tracker a debug session, nothing shared between them.
import { ErrorCodes, type MessageConnection, ResponseError } from "vscode-jsonrpc/node";
import { KernelError } from "../kernel/kernel-error.ts";
import type { LocalAgent, LocalTracker } from "./local.ts";
import * as Protocol from "./protocol.ts";
import { CANCELLED, KERNEL_ERROR } from "./service-codes.ts";
import { Cancelled } from "./tracking.ts";

export function serve(connection: MessageConnection, agent: LocalAgent): void {
  const trackers = new Map<number, LocalTracker>();
  const tracker = (id: number): LocalTracker => {
    const found = trackers.get(id) ?? agent.tracker();
    trackers.set(id, found);
    return found;
  };

  connection.onRequest(Protocol.AttachRequest, ({ tracker: id, pid, descriptor, options }) =>
    answer(async () => {
      await tracker(id).attach(pid, descriptor, options);
      return null;
    }),
  );
  connection.onRequest(Protocol.ArmRequest, ({ tracker: id }, token) => answer(() => tracker(id).arm(token)));
  connection.onRequest(Protocol.ScanRequest, ({ tracker: id }) =>
    answer(async () => Protocol.scanToWire(await tracker(id).scan())),
  );
  connection.onRequest(Protocol.SettleRequest, ({ tracker: id, resident }) =>
    answer(async () => Protocol.settlementToWire(await tracker(id).settle(resident))),
  );
  connection.onRequest(Protocol.DisarmRequest, ({ tracker: id }) =>
    answer(async () => {
      await tracker(id).disarm();
      trackers.delete(id);
      return null;
    }),
  );
  connection.onRequest(Protocol.SnapshotRequest, ({ pid }) => answer(() => agent.snapshot(pid)));
  connection.onRequest(Protocol.CapabilitiesRequest, () => answer(() => agent.capabilities()));
}

async function answer<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Cancelled) throw new ResponseError(CANCELLED, error.message);
    if (!(error instanceof KernelError)) {
      // Thrown as it is, its message would come behind the connection's own words.
      throw new ResponseError(ErrorCodes.InternalError, error instanceof Error ? error.message : String(error));
    }
    const { call, target, errno, remedy, message } = error;
    const data: Protocol.KernelErrorData = { call, target, errno, ...(remedy ? { remedy } : {}) };
    throw new ResponseError(KERNEL_ERROR, message, data);
  }
}

// Waits for faults on another thread, so that neither a delay nor the processor's time is spent on looking for them.
import type { Disposable } from "../../common/disposable.ts";
import { EpollControl, OpenFlag, POLL_IN } from "../abi.ts";
import { libc } from "./libc.ts";

/** sizeof(struct epoll_event), packed on x86-64: u32 events, u64 data. */
const EVENT_SIZE = 12;

/**
 * Calls the listener whenever there is something to read in a descriptor. It must read all of it: else it is called again at once.
 * The descriptor may be closed at any time, and is then closed at once: the wait holds on to a set of descriptors (epoll) alone.
 */
export function listenForFaults(descriptor: number, listener: () => void): Disposable {
  const { epollCreate, epollAdd, epollWaitAhead, eventfd, signal, close } = libc();
  const set = epollCreate(EpollControl.CLOEXEC);
  const end = eventfd(OpenFlag.CLOEXEC | OpenFlag.NONBLOCK);
  epollAdd(set, end, eventFor(end));
  epollAdd(set, descriptor, eventFor(descriptor));
  const found = new Uint8Array(EVENT_SIZE);
  let isOver = false;
  const dispose = (): void => {
    if (isOver) return;
    isOver = true;
    process.off("exit", dispose);
    signal(end);
  };
  const wait = async (): Promise<void> => {
    try {
      while (!isOver) {
        // Interrupted by a signal, it is just called again.
        const ready = await epollWaitAhead(set, found, 1, -1);
        if (ready > 0 && !isOver) listener();
      }
    } finally {
      close(end);
      close(set);
    }
  };
  // A process that ends waits for its threads.
  process.once("exit", dispose);
  void wait();
  return { dispose };
}

function eventFor(descriptor: number): Uint8Array {
  const event = new Uint8Array(EVENT_SIZE);
  const view = new DataView(event.buffer);
  view.setUint32(0, POLL_IN, true);
  view.setUint32(4, descriptor, true);
  return event;
}

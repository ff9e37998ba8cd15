// The state of a userfaultfd (struct userfaultfd_ctx), apart from the calls on it: whom it lets wait, and who was told.
import { Emitter } from "../../common/emitter.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import { Uffd, UffdFeature, UffdMessage } from "../abi.ts";
import type { AddressSpace } from "./address-space.ts";
import { TABLE_PAGES } from "./entry.ts";
import { type HeldFault, type Vma, VmFlag, type Watcher } from "./vma.ts";
import type { Task, Wait } from "./waiting.ts";

/** A thread in a fault that the userfaultfd's holder has to answer (struct userfaultfd_wait_queue). */
export class FaultWait implements Wait {
  private readonly context: UserfaultfdContext;
  readonly task: Task;
  /** Bytes, as the message tells it: whole pages without EXACT_ADDRESS. */
  readonly address: number;
  /** UFFD_PAGEFAULT_FLAG_*. */
  readonly flags: number;
  isOver = false;

  constructor(context: UserfaultfdContext, task: Task, address: number, flags: number) {
    this.context = context;
    this.task = task;
    this.address = address;
    this.flags = flags;
  }

  get mayBeAnswered(): boolean {
    return this.context.outsiders > 0;
  }

  giveUp(): void {
    this.context.forget(this);
  }
}

export class UserfaultfdContext implements Watcher {
  readonly mm: AddressSpace;
  /** Whether only faults of the program's own instructions wait (UFFD_USER_MODE_ONLY). */
  readonly userModeOnly: boolean;
  /** Bits asked for with UFFDIO_API. */
  features = 0;
  isInitialized = false;
  /** Descriptors that refer to it, in whatever process. */
  references = 1;
  /** Those of them held outside of the machine: whoever has one may answer at any time. */
  outsiders = 0;
  /** Somebody waits whom nobody was told of yet. */
  readonly held = new Emitter<void>();
  /** Who waits and was not read yet, and who was; oldest first. */
  private unread: FaultWait[] = [];
  private told: FaultWait[] = [];

  constructor(mm: AddressSpace, flags: number) {
    this.mm = mm;
    this.userModeOnly = (flags & Uffd.USER_MODE_ONLY) !== 0;
  }

  get isAsync(): boolean {
    return (this.features & UffdFeature.WP_ASYNC) !== 0;
  }

  get hasUnread(): boolean {
    return this.unread.length > 0;
  }

  /** handle_userfault. */
  hold(fault: HeldFault): Wait | undefined {
    const { address, isWrite, isProtected, isKernel, vma } = fault;
    if (this.features & UffdFeature.SIGBUS || (isKernel && this.userModeOnly)) return undefined;
    const unit = vma.isHugetlb ? PAGE_SIZE * TABLE_PAGES : PAGE_SIZE;
    const told = this.features & UffdFeature.EXACT_ADDRESS ? address : address - (address % unit);
    const { waits, task } = this.mm.machine;
    const flags = (isWrite ? UffdMessage.FLAG_WRITE : 0) | (isProtected ? UffdMessage.FLAG_WP : 0);
    const wait = new FaultWait(this, task, told, flags);
    this.unread.push(wait);
    this.held.fire();
    waits.held.fire();
    return wait;
  }

  /** The oldest fault nobody was told of, which counts as told from now on (userfaultfd_ctx_read). */
  next(): FaultWait | undefined {
    const wait = this.unread.shift();
    if (wait) this.told.push(wait);
    return wait;
  }

  /** Lets those go on who wait within bytes [start, end); who was not read yet never will be (__wake_userfault). */
  wake(start: number, end: number): void {
    const isMeant = ({ address }: FaultWait): boolean => start <= address && address < end;
    const meant = [...this.told, ...this.unread].filter(isMeant);
    if (meant.length === 0) return;
    this.told = this.told.filter(wait => !isMeant(wait));
    this.unread = this.unread.filter(wait => !isMeant(wait));
    for (const wait of meant) wait.isOver = true;
    this.mm.machine.waits.woken.fire();
  }

  /** The thread waits no longer, and nobody has answered: a signal came, or its end. */
  forget(wait: FaultWait): void {
    this.told = this.told.filter(other => other !== wait);
    this.unread = this.unread.filter(other => other !== wait);
    wait.isOver = true;
  }
}

/** Whether the kernel itself resolves write faults there (userfaultfd_wp_async). */
export function isAsync(vma: Vma): boolean {
  return vma.uffd?.isAsync ?? false;
}

/** Whether holes get markers there (userfaultfd_wp_use_markers). */
export function usesMarkers(vma: Vma): boolean {
  if (!vma.has(VmFlag.UFFD_WP)) return false;
  return !vma.isAnonymous || ((vma.uffd?.features ?? 0) & UffdFeature.WP_UNPOPULATED) !== 0;
}

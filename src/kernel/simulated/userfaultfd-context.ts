// The state of a userfaultfd (struct userfaultfd_ctx), apart from the calls on it.
import { UffdFeature } from "../abi.ts";
import type { AddressSpace } from "./address-space.ts";
import { type Vma, VmFlag, type Watcher } from "./vma.ts";

export class UserfaultfdContext implements Watcher {
  readonly mm: AddressSpace;
  /** Bits asked for with UFFDIO_API. */
  features = 0;
  isInitialized = false;
  /** Descriptors that refer to it, in whatever process. */
  references = 1;

  constructor(mm: AddressSpace) {
    this.mm = mm;
  }

  get isAsync(): boolean {
    return (this.features & UffdFeature.WP_ASYNC) !== 0;
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

// What this kernel offers: each category bit and each userfaultfd feature, asked of the kernel itself.
import { Category } from "../../memory/category.ts";
import { DEBUGGEE_UFFD_FLAGS, SystemCall, TRACKING_FEATURES, Uffd } from "../abi.ts";
import type { CapabilityReport } from "../capabilities.ts";
import { KernelError } from "../kernel-error.ts";
import { RegionVector } from "../region-vector.ts";
import { explainKernelError } from "../remedy.ts";
import { libc } from "./libc.ts";
import { openPagemap } from "./pagemap.ts";
import { hasSoftDirty } from "./soft-dirty.ts";

export function probeCapabilities(): CapabilityReport {
  const problems: string[] = [];
  const attempt = <T>(probe: () => T, otherwise: T): T => {
    try {
      return probe();
    } catch (error) {
      problems.push(explainKernelError(error));
      return otherwise;
    }
  };
  const categories = attempt(probeCategories, 0);
  const features = attempt(probeFeatures, 0);
  if (features !== 0 && (features & TRACKING_FEATURES) !== TRACKING_FEATURES) {
    problems.push("The kernel's userfaultfd can't write-protect asynchronously: Linux 6.7 or later is needed.");
  }
  return {
    pagemapScan: categories !== 0,
    categories,
    userfaultfd: features !== 0,
    features,
    softDirty: hasSoftDirty(),
    problems,
  };
}

/** A bit the kernel does not know makes the whole scan EINVAL; so each is asked about alone, over no memory at all. */
function probeCategories(): number {
  const vector = new RegionVector(1);
  const pagemap = openPagemap(process.pid);
  let known = 0;
  try {
    for (const bit of [0, ...Object.values(Category)]) {
      try {
        pagemap.scan({ start: 0, end: 0, flags: 0, inverted: 0, required: bit, anyOf: 0, returned: 0 }, vector);
        known |= bit;
      } catch (error) {
        if (!(error instanceof KernelError) || error.code !== "EINVAL") throw error;
      }
    }
  } finally {
    pagemap.close();
  }
  return known;
}

function probeFeatures(): number {
  const { systemCall, ioctl, close } = libc();
  const descriptor = systemCall(SystemCall.userfaultfd, [DEBUGGEE_UFFD_FLAGS], "userfaultfd", "this process");
  try {
    const words = BigUint64Array.of(BigInt(Uffd.API), 0n, 0n);
    ioctl(descriptor, Uffd.API_REQUEST, new Uint8Array(words.buffer), "UFFDIO_API", "a userfaultfd of our own");
    return Number(words[1]);
  } finally {
    close(descriptor);
  }
}

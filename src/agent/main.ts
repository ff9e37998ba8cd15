// The agent's process: owns the kernel handles. When it dies, by whatever cause, the kernel closes them and disarms everything.
import { NO_LOG } from "../common/log.ts";
import { connectOver, type Port } from "../common/post-message.ts";
import { LocalAgent } from "./local.ts";
import { serveAgent } from "./service.ts";
import { otherSystem, unsupported } from "./unsupported.ts";

async function agentOfThisKernel(): Promise<LocalAgent> {
  const other = otherSystem(process.platform, process.arch);
  if (other) return unsupported(other);
  try {
    // Only now: what they stand on, koffi, has no build for every system.
    const { linuxKernel } = await import("../kernel/linux/linux-kernel.ts");
    const { probeCapabilities } = await import("../kernel/linux/capabilities.ts");
    const { softDirtyLinux } = await import("../kernel/linux/soft-dirty.ts");
    const { SystemSource } = await import("./mapped-files.ts");
    const { callsDone } = await import("../kernel/linux/ptrace/held.ts");
    whenItMayEnd = callsDone;
    const { fullNames } = await import("./process-names.ts");
    const { systemCores } = await import("./core-file.ts");
    const give = (backend?: "soft-dirty") => (backend ? softDirtyLinux : linuxKernel);
    return new LocalAgent(give, probeCapabilities, fullNames(new SystemSource()), systemCores);
  } catch (error) {
    return unsupported(`The native part (koffi) can't be loaded: ${error instanceof Error ? error.message : error}`);
  }
}

/** Whoever started us. A message that can't be sent is one nobody waits for: they are gone. */
const starter: Port = {
  post: message => void process.send?.(message, undefined, undefined, () => {}),
  listen: listener => {
    process.on("message", listener);
    return { dispose: () => void process.off("message", listener) };
  },
};

/** Not while a thread of a program is on the way of a call: it would go astray. */
let whenItMayEnd = (): Promise<void> => Promise.resolve();
const end = (): void => void whenItMayEnd().then(() => process.exit(0));

// Whoever started us is gone: nobody is left to tell anything to.
process.on("disconnect", end);
// By themselves these end a process at any instruction.
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, end);
// A Ctrl-C in the terminal goes to the whole process group; the starter decides when we end.
process.on("SIGINT", () => {});

void agentOfThisKernel().then(agent => serveAgent(connectOver(starter, NO_LOG), agent, NO_LOG));

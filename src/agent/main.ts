// The agent's process: owns the kernel handles. When it dies, by whatever cause, the kernel closes them and disarms everything.
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import { LocalAgent } from "./local.ts";
import { serve } from "./service.ts";
import { otherSystem, unsupported } from "./unsupported.ts";

async function agentOfThisKernel(): Promise<LocalAgent> {
  const other = otherSystem(process.platform, process.arch);
  if (other) return unsupported(other);
  try {
    // Only now: what they stand on, koffi, has no build for every system.
    const { linuxKernel } = await import("../kernel/linux/linux-kernel.ts");
    const { probeCapabilities } = await import("../kernel/linux/capabilities.ts");
    return new LocalAgent(() => linuxKernel, probeCapabilities);
  } catch (error) {
    return unsupported(`The native part (koffi) can't be loaded: ${error instanceof Error ? error.message : error}`);
  }
}

// Whoever started us is gone: nobody is left to tell anything to.
process.on("disconnect", () => process.exit(0));
// A Ctrl-C in the terminal goes to the whole process group; the starter decides when we end.
process.on("SIGINT", () => {});

void agentOfThisKernel().then(agent => {
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  serve(connection, agent);
  connection.listen();
});

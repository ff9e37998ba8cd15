// The agent's process: owns the kernel handles. When it dies, by whatever cause, the kernel closes them and disarms everything.
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import { probeCapabilities } from "../kernel/linux/capabilities.ts";
import { linuxKernel } from "../kernel/linux/linux-kernel.ts";
import { LocalAgent } from "./local.ts";
import { serve } from "./service.ts";

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
serve(connection, new LocalAgent(() => linuxKernel, probeCapabilities));
connection.listen();
// Whoever started us is gone: nobody is left to tell anything to.
process.on("disconnect", () => process.exit(0));
// A Ctrl-C in the terminal goes to the whole process group; the starter decides when we end.
process.on("SIGINT", () => {});

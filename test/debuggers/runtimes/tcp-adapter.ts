// For tests: a debug adapter that listens on a port, behind standard streams. Arguments: the port, or 0 for one of the adapter's own;
// the file that takes what the adapter and its program print; the adapter's command, in which PORT stands for the port: none where
// it runs already.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { connect, createServer } from "node:net";

const [given = "", outputFile = "", command, ...args] = process.argv.slice(2);
const port = Number(given) || (await freePort());
if (command !== undefined) startAdapter(command);
open();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise(resolve => server.once("listening", resolve));
  const { port: free } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return free;
}

function startAdapter(name: string): void {
  const all = args.map(arg => arg.replace("PORT", String(port)));
  const adapter = spawn(name, all, { stdio: ["ignore", "pipe", "pipe"] });
  adapter.stdout.pipe(createWriteStream(outputFile, { flags: "a" }));
  adapter.stderr.on("data", data => process.stderr.write(data));
  adapter.once("exit", code => process.exit(code ?? 1));
  adapter.once("error", error => {
    console.error(error.message);
    process.exit(1);
  });
}

function open(): void {
  const socket = connect(port, "127.0.0.1");
  socket.once("error", () => setTimeout(open, 20));
  socket.once("connect", () => {
    socket.removeAllListeners("error").on("error", () => process.exit(1));
    process.stdin.pipe(socket);
    socket.pipe(process.stdout);
    if (command === undefined) socket.once("close", () => process.exit(0));
  });
}

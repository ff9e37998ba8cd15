// For tests: a debug adapter that listens on a port, behind standard streams. Arguments: the file that takes what the adapter and its
// program print, then the adapter's command, in which PORT stands for the port.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { connect, createServer } from "node:net";

const [outputFile = "", command = "", ...args] = process.argv.slice(2);
const output = createWriteStream(outputFile, { flags: "a" });

const free = createServer().listen(0, "127.0.0.1");
await new Promise(resolve => free.once("listening", resolve));
const { port } = free.address() as { port: number };
await new Promise(resolve => free.close(resolve));

const adapter = spawn(
  command,
  args.map(arg => arg.replace("PORT", String(port))),
  { stdio: ["ignore", "pipe", "pipe"] },
);
adapter.stdout.pipe(output);
adapter.stderr.on("data", data => process.stderr.write(data));
adapter.once("exit", code => process.exit(code ?? 1));
adapter.once("error", error => {
  console.error(error.message);
  process.exit(1);
});

const open = (): void => {
  const socket = connect(port, "127.0.0.1");
  socket.once("error", () => setTimeout(open, 20));
  socket.once("connect", () => {
    socket.removeAllListeners("error").on("error", () => process.exit(1));
    process.stdin.pipe(socket);
    socket.pipe(process.stdout);
    socket.once("close", () => adapter.kill());
  });
};
open();

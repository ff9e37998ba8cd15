// The bridge's outer end: an HTTP server on 127.0.0.1 through which tests ask the browser to act.
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { DriverAnswer, DriverRequest } from "./driver-requests.ts";

export interface Bridge {
  /** Holds a secret path, so that no other program on the machine can drive the browser. */
  readonly address: string;
  close(): void;
}

export async function openBridge(answer: (request: DriverRequest) => Promise<unknown>): Promise<Bridge> {
  const path = `/${randomUUID()}`;
  const server = createServer((message, response) => {
    if (message.method !== "POST" || message.url !== path) {
      response.writeHead(404).end();
      return;
    }
    void respond(message, answer).then(result => response.end(JSON.stringify(result)));
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address && typeof address === "object") resolve(address.port);
    });
  });
  return {
    address: `http://127.0.0.1:${port}${path}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function respond(
  message: IncomingMessage,
  answer: (request: DriverRequest) => Promise<unknown>,
): Promise<DriverAnswer> {
  try {
    const parts: Buffer[] = [];
    for await (const part of message) parts.push(part);
    return { value: await answer(JSON.parse(Buffer.concat(parts).toString("utf8"))) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

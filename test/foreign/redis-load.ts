// Four clients that keep a redis server busy, each with keys of its own, and know what it must hold at the end.
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../programs/random.ts";

const CLIENTS = 4;
/** Requests on their way at once, for each client. */
const DEPTH = 16;

export class RedisLoad {
  private readonly path: string;
  private clients: Promise<Client>[] = [];

  /** @param path of the server's socket, which need not be there yet. */
  constructor(path: string) {
    this.path = path;
  }

  begin(): void {
    this.clients = Array.from({ length: CLIENTS }, async (_, i) => {
      const client = new Client(await connected(this.path), i);
      client.work();
      return client;
    });
    for (const client of this.clients) client.catch(() => {});
  }

  /** Lets the clients finish what they have asked, compares what the server holds with what it should, and shuts it down. */
  async finish(): Promise<string[]> {
    const clients = await Promise.all(this.clients);
    const problems = (await Promise.all(clients.map(client => client.verify()))).flat();
    clients[0].shutDown();
    return problems;
  }

  end(): void {
    for (const client of this.clients) client.then(one => one.close()).catch(() => {});
  }
}

async function connected(path: string): Promise<Socket> {
  for (;;) {
    const socket = connect(path);
    const isThere = await new Promise<boolean>(resolve => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    if (isThere) return socket;
    await sleep(20);
  }
}

class Client {
  private readonly socket: Socket;
  private readonly random: Random;
  private readonly prefix: string;
  private readonly expected = new Map<string, string>();
  private readonly waiting: ((reply: string) => void)[] = [];
  private received = "";
  private isFinishing = false;
  private working: Promise<void> = Promise.resolve();
  private readonly problems: string[] = [];

  constructor(socket: Socket, number: number) {
    this.socket = socket;
    this.random = new Random(number + 1);
    this.prefix = `client${number}`;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.receive(text));
    socket.on("error", () => {});
  }

  /** Asks on and on, until it is to finish. */
  work(): void {
    const loop = async (): Promise<void> => {
      while (!this.isFinishing) await this.step();
    };
    this.working = Promise.all(Array.from({ length: DEPTH }, loop)).then(() => {});
  }

  async verify(): Promise<string[]> {
    this.isFinishing = true;
    await this.working;
    for (const [key, value] of this.expected) {
      const reply = await this.ask("GET", key);
      if (reply !== value) this.problems.push(`${key} holds ${reply.slice(0, 40)}, not ${value.slice(0, 40)}`);
    }
    return this.problems.slice(0, 5);
  }

  shutDown(): void {
    this.socket.write(command(["SHUTDOWN", "NOSAVE"]));
  }

  close(): void {
    this.isFinishing = true;
    this.socket.destroy();
  }

  private async step(): Promise<void> {
    const { random } = this;
    const key = `${this.prefix}:${random.between(0, 2000)}`;
    const before = this.expected.get(key) ?? "";
    if (random.chance(70)) {
      const value = String.fromCharCode(97 + random.between(0, 25)).repeat(random.between(1, 600));
      this.expected.set(key, value);
      await this.ask("SET", key, value);
    } else if (random.chance(60) && before.length < 4000) {
      this.expected.set(key, `${before}+`);
      const length = Number(await this.ask("APPEND", key, "+"));
      if (length !== before.length + 1) this.problems.push(`${key} is ${length} long, not ${before.length + 1}`);
    } else if (this.expected.delete(key)) {
      await this.ask("DEL", key);
    } else {
      await this.ask("LPUSH", `${this.prefix}:list`, key);
      await this.ask("LTRIM", `${this.prefix}:list`, "0", "99");
    }
  }

  private ask(...words: string[]): Promise<string> {
    this.socket.write(command(words), "latin1");
    return new Promise(resolve => this.waiting.push(resolve));
  }

  /** Replies are simple ones, numbers, errors and bulk strings (RESP 2). */
  private receive(text: string): void {
    this.received += text;
    for (;;) {
      const end = this.received.indexOf("\r\n");
      if (end < 0) return;
      const line = this.received.slice(0, end);
      const length = line.startsWith("$") ? Number(line.slice(1)) : -1;
      const next = length < 0 ? end + 2 : end + 2 + length + 2;
      if (this.received.length < next) return;
      const reply = length < 0 ? line.slice(1) : this.received.slice(end + 2, end + 2 + length);
      this.received = this.received.slice(next);
      this.waiting.shift()?.(reply);
    }
  }
}

function command(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map(word => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

// A process that becomes a plain user and then tracks programs, as VS Code's agent does for everybody who is not root; tells what came of it as JSON.
import { LocalAgent } from "../../../src/agent/local.ts";
import { libc } from "../../../src/kernel/linux/libc.ts";
import { linuxKernel } from "../../../src/kernel/linux/linux-kernel.ts";
import { explainKernelError } from "../../../src/kernel/remedy.ts";
import { PAGE_SIZE, pageOf } from "../../../src/memory/page.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";
import { Target } from "../target.ts";

const PLAIN_USER = 65534;

const [scenario, executable, other] = process.argv.slice(2);
// All that is loaded is loaded while the project's folder can be read: it may be root's alone.
const { systemCall } = libc();
void systemCall;
process.setgroups?.([]);
process.setgid?.(PLAIN_USER);
process.setuid?.(PLAIN_USER);

const target = Target.start(executable === "" ? undefined : executable);
const tracker = new LocalAgent(() => linuxKernel).tracker();
const memory = await target.map(16 * PAGE_SIZE);

async function arm(pid: number): Promise<void> {
  const descriptor = await target.do("userfaultfd");
  if (descriptor < 0) throw new Error(`no userfaultfd: ${descriptor}`);
  await tracker.attach(pid, descriptor, DEFAULT_ARM_OPTIONS);
  await target.do("close", descriptor);
  await tracker.arm();
}

async function written(): Promise<number[]> {
  const { written } = await tracker.scan();
  const first = pageOf(memory);
  return [...written.clip(first, first + 16).pairs()].flatMap(([start, end]) =>
    Array.from({ length: end - start }, (_, i) => start + i - first),
  );
}

const scenarios: Readonly<Record<string, () => Promise<unknown>>> = {
  async own() {
    await arm(target.pid);
    await target.do("write", memory + 3 * PAGE_SIZE, PAGE_SIZE, PAGE_SIZE);
    const read = await target.do("readinto", memory + 5 * PAGE_SIZE, 2 * PAGE_SIZE);
    return { written: await written(), read };
  },
  async undumpable() {
    await target.do("undumpable");
    return arm(target.pid);
  },
  other: () => arm(Number(other)),
  setuid: () => arm(target.pid),
  async watching() {
    await arm(target.pid);
    const full = await target.do("userfaultfd", 1);
    await tracker.watches.attach(target.pid, undefined);
    const start = memory + 8 * PAGE_SIZE;
    const report = await tracker.watches.set([{ start, end: start + PAGE_SIZE }], {});
    const read = await target.do("readinto", start, PAGE_SIZE);
    return { full, report, read };
  },
};

try {
  console.log(JSON.stringify({ done: await scenarios[scenario]?.() }));
} catch (error) {
  console.log(JSON.stringify({ refused: explainKernelError(error) }));
}
await tracker.disarm();
target.kill();
process.exit(0);

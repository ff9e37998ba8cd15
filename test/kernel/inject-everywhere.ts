// A process of its own that makes calls in all threads of another in turn, whatever they are about: inject-everywhere.ts PID COUNT.
// Prints how many were made, and the microseconds that a call took at the median and at most.
import { SystemCall } from "../../src/kernel/abi.ts";
import { findInstruction } from "../../src/kernel/linux/ptrace/code.ts";
import { NotNow, processor, runIn, threadsOf } from "../../src/kernel/linux/ptrace/inject.ts";

const [pid = 0, count = 0] = process.argv.slice(2).map(Number);
const instruction = findInstruction(pid, processor.instruction);
if (instruction === undefined) throw new Error("no instruction");
const times: number[] = [];
for (let i = 0; times.length < count && i < 20 * count; i += 1) {
  const threads = threadsOf(pid);
  const start = performance.now();
  try {
    const answer = await runIn(threads[i % threads.length] ?? pid, {
      pid,
      instruction,
      number: SystemCall.getpid,
      args: [],
    });
    if (answer !== pid) throw new Error(`getpid answered ${answer}`);
    times.push((performance.now() - start) * 1000);
  } catch (error) {
    // A thread in an uninterruptible wait, or one that has ended.
    if (!(error instanceof NotNow)) throw error;
  }
  await new Promise(resolve => setTimeout(resolve, 1));
}
times.sort((a, b) => a - b);
console.log(JSON.stringify({ made: times.length, median: times[times.length >> 1], most: times.at(-1) }));

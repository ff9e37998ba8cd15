// For tests of what is kept: runs the garbage collector, and asks whether something is still there.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** How many of the objects are still held by anybody, after everything that promises had to do is done. */
export async function kept(objects: readonly WeakRef<object>[]): Promise<number> {
  // A WeakRef holds its object until the end of the turn it was made or asked in.
  for (let round = 0; round < 3; round += 1) {
    await new Promise(resolve => setTimeout(resolve, 1));
    collect();
  }
  return objects.filter(object => object.deref() !== undefined).length;
}

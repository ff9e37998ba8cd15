// Where things lie: the repository, its cache folder, and the Node that runs everything.
import { join, resolve } from "node:path";

export const repository = resolve(import.meta.dirname, "../..");

export const cacheFolder = resolve(process.env.WRITEWATCH_CACHE || join(repository, ".cache"));

export const sampleFolder = join(repository, "examples/sample");

export const simulatedFolder = join(repository, "examples/simulated");

export const debuggersExtension = join(repository, "examples/debuggers");

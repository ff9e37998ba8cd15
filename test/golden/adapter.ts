// For tests: an adapter behind a link of the test's own, with more in its launch configuration.
import type { Launcher } from "../../src/debuggers/launcher.ts";
import type { AdapterLink } from "../../src/trace/adapter-link.ts";
import type { Adapter } from "../../src/trace/adapters.ts";

export function adapterFor(launcher: Launcher, link: AdapterLink, configuration: object = {}): Adapter {
  const { command, launchArguments, ...rest } = launcher;
  return {
    ...rest,
    launchArguments: request => ({ ...launchArguments(request), ...configuration }),
    connect: () => link,
  };
}

// What the trace command runs: the adapter that starts the program, the agent that watches it, and where its output goes.
import type { TrackingAgent } from "../agent/tracking.ts";
import type { LaunchRequest } from "../debuggers/launcher.ts";
import type { Adapter } from "./adapters.ts";
import type { DapClient } from "./dap-client.ts";

export interface Target {
  readonly adapter: Adapter;
  readonly agent: TrackingAgent;
  readonly request: LaunchRequest;
  /** Where to begin, as {@link LaunchedProgram} takes it; absent: the adapter stops by itself. */
  readonly location?: string;
  /** Hears what the adapter says, from its beginning. */
  observe(client: DapClient): void;
  /** Waits for the program's last output. */
  flush(): Promise<void>;
  /** Ends the agent; the program has ended. */
  dispose(): void;
}

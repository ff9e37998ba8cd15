// For a test: saves a core of a process that the debugger holds which runs this, and says what it was told.
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { agentModule } from "./tracked.ts";

const [pid, path] = process.argv.slice(2);
const agent = new AgentKeeper(agentModule, NO_LOG);
const { remarks } = await agent.saveCore({ pid: Number(pid), path, files: "changed", since: false }, () => {});
process.stdout.write(`${remarks.join("\n")}\n`);
agent.dispose();

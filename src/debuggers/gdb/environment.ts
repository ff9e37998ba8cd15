// The environment gdb is started in.

/** gdb starts programs through $SHELL, which redirects and must understand our quotes: not every login shell does. */
export function gdbEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, SHELL: "/bin/sh" };
}

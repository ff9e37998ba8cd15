// What marks the line in which gdb tells the exit code: cdt-gdb-adapter has no `exited` event.

export const EXIT_MARK = "writewatch-exit-code";

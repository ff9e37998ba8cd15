// The least of a debugger: holds all threads of a process, and has one of them make one instruction while the others stand.
// Reads "stop", "step THREAD" and "go"; answers each with a line when it is done.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

static pid_t threads[64];
static int count;

// Until the thread stands, or is gone for good.
static void await(int i) {
  int status;
  if (waitpid(threads[i], &status, __WALL) == threads[i] && WIFSTOPPED(status)) return;
  threads[i] = 0;
}

static int find(pid_t thread) {
  for (int i = 0; i < count; ++i) if (threads[i] == thread) return i;
  return -1;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  char line[64], path[64];
  snprintf(path, sizeof path, "/proc/%s/task", argv[1]);
  DIR *tasks = opendir(path);
  for (struct dirent *entry; tasks && (entry = readdir(tasks));) {
    if (entry->d_name[0] == '.' || count == 64) continue;
    threads[count] = atoi(entry->d_name);
    if (ptrace(PTRACE_SEIZE, threads[count++], NULL, NULL)) return 3;
  }
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    int done = 1;
    if (!strncmp(line, "stop", 4)) {
      for (int i = 0; i < count; ++i) if (threads[i]) ptrace(PTRACE_INTERRUPT, threads[i], NULL, NULL);
      for (int i = 0; i < count; ++i) if (threads[i]) await(i);
    } else if (!strncmp(line, "step", 4)) {
      pid_t thread = atoi(line + 5);
      int at = find(thread);
      done = at >= 0 && !ptrace(PTRACE_SINGLESTEP, thread, NULL, NULL);
      if (done) await(at);
    } else {
      for (int i = 0; i < count; ++i) if (threads[i]) ptrace(PTRACE_CONT, threads[i], NULL, NULL);
    }
    puts(done ? "ok" : "failed");
    fflush(stdout);
  }
  return 0;
}

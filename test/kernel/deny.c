// Runs a command on a kernel that lacks something: deny userfaultfd|pagemap-scan|userfaultfd-features ERRNO COMMAND [ARG...].
// A seccomp filter answers the one call with the error an older or stricter kernel would give.
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGEMAP_SCAN 0xc0606610u
#define UFFDIO_API 0xc018aa3fu

static void install(struct sock_filter *filter, unsigned short length) {
  struct sock_fprog program = {.len = length, .filter = filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
    perror("seccomp");
    exit(125);
  }
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  const unsigned error = SECCOMP_RET_ERRNO | (unsigned)atoi(argv[2]);
  const unsigned number = offsetof(struct seccomp_data, nr);
  const unsigned request = offsetof(struct seccomp_data, args[1]);
  if (!strcmp(argv[1], "userfaultfd")) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_userfaultfd, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    install(filter, sizeof filter / sizeof *filter);
  } else {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, request),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, strcmp(argv[1], "pagemap-scan") ? UFFDIO_API : PAGEMAP_SCAN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    install(filter, sizeof filter / sizeof *filter);
  }
  execvp(argv[3], argv + 3);
  perror(argv[3]);
  return 126;
}

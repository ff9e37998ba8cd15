/*
 * The first process of a virtual machine for the differential test: makes the kernel like the one the test knows, and runs
 * the performer on a file system on a disk, its input and output being the machine's serial port to the test.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

static void set(const char *file, const char *value) {
  int to = open(file, O_WRONLY);
  if (to < 0 || write(to, value, strlen(value)) < 0) perror(file);
  close(to);
}

static void mount_or_say(const char *what, const char *where, const char *type) {
  mkdir(where, 0755);
  if (mount(what, where, type, 0, NULL) != 0) perror(where);
}

/* A swap area in a file, as the running kernel gets one: huge pages go to a disk of their own as a whole, and to a file not. */
static void make_swap(uint32_t pages) {
  static char page[4096];
  int file = open("/disk/swap", O_CREAT | O_RDWR, 0600);
  uint32_t header[2] = {1, pages - 1}; /* version, last page */
  for (uint32_t i = 0; i < pages; i++)
    if (write(file, page, sizeof page) < 0) perror("/disk/swap");
  pwrite(file, header, sizeof header, 1024);
  pwrite(file, "SWAPSPACE2", 10, sizeof page - 10);
  fsync(file);
  close(file);
  if (swapon("/disk/swap", 0) != 0) perror("swapon");
}

int main(void) {
  mount_or_say("proc", "/proc", "proc");
  mount_or_say("sysfs", "/sys", "sysfs");
  mount_or_say("devtmpfs", "/dev", "devtmpfs");
  /* The console, for the test's report where something fails. */
  int console = open("/dev/ttyS0", O_RDWR);
  dup2(console, 2);
  mount_or_say("/dev/nvme0n1", "/disk", "ext4");
  /* What the kernel does not know of its command line is init's environment. */
  const char *swap_pages = getenv("swap_pages");
  if (swap_pages) make_swap(strtoul(swap_pages, NULL, 10));
  /* As this project's own machine has them; and no thread that changes memory by itself. */
  set("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
  set("/sys/kernel/mm/transparent_hugepage/defrag", "madvise");
  set("/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs", "1000000000");
  set("/sys/kernel/mm/transparent_hugepage/shrink_underused", "0");
  set("/proc/sys/kernel/numa_balancing", "0");
  pid_t performer = fork();
  if (performer == 0) {
    int port = open("/dev/vport0p1", O_RDWR);
    if (port < 0 || chdir("/disk") != 0) perror("the port and the disk");
    dup2(port, 0);
    dup2(port, 1);
    execl("/performer", "performer", NULL);
    perror("/performer");
    _exit(1);
  }
  for (int state; waitpid(performer, &state, 0) != performer;) {
  }
  reboot(RB_POWER_OFF);
  return 1;
}

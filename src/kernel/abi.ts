// Constants and struct layouts as the kernel's own headers give them, x86-64 (numbers of system calls included).

/** include/uapi/linux/fs.h: PAGEMAP_SCAN, struct pm_scan_arg, struct page_region. */
export const PagemapScan = {
  REQUEST: 0xc0606610,
  /** sizeof(struct pm_scan_arg). */
  ARG_SIZE: 96,
  /** Write-protect the pages that match, in the same walk that reports them. */
  WP_MATCHING: 1,
  /** Fail with EPERM where a mapping is not registered, instead of skipping it. */
  CHECK_WPASYNC: 2,
  /** sizeof(struct page_region): u64 start, end (exclusive), categories. */
  REGION_SIZE: 24,
} as const;

/** include/uapi/linux/fs.h: PROCMAP_QUERY on /proc/PID/maps, struct procmap_query; Linux 6.11. */
export const ProcmapQuery = {
  REQUEST: 0xc0686611,
  SIZE: 104,
  /** Offsets of the fields used, in u64 words. */
  WORD: { SIZE: 0, FLAGS: 1, ADDRESS: 2, START: 3, END: 4, VMA_FLAGS: 5, PAGE_SIZE: 6, OFFSET: 7, INODE: 8 },
  /** PROCMAP_QUERY_*: what to look for, and of the first four what was found. */
  QUERY: {
    READABLE: 1,
    WRITABLE: 2,
    EXECUTABLE: 4,
    SHARED: 8,
    COVERING_OR_NEXT: 0x10,
    FILE_BACKED: 0x20,
    ALL: 0x3f,
  },
} as const;

/** Offsets of the fields of struct pm_scan_arg, in u64 words. */
export const ScanArg = {
  SIZE: 0,
  FLAGS: 1,
  START: 2,
  END: 3,
  WALK_END: 4,
  VEC: 5,
  VEC_LEN: 6,
  MAX_PAGES: 7,
  CATEGORY_INVERTED: 8,
  CATEGORY_MASK: 9,
  CATEGORY_ANYOF_MASK: 10,
  RETURN_MASK: 11,
} as const;

/** include/uapi/linux/userfaultfd.h. */
export const Uffd = {
  API: 0xaa,
  API_REQUEST: 0xc018aa3f,
  REGISTER_REQUEST: 0xc020aa00,
  UNREGISTER_REQUEST: 0x8010aa01,
  WAKE_REQUEST: 0x8010aa02,
  WRITEPROTECT_REQUEST: 0xc018aa06,
  REGISTER_MODE_WP: 2,
  WRITEPROTECT_MODE_WP: 1,
  /** Flag of the system call: only faults from user mode would be handled by a server; always allowed. */
  USER_MODE_ONLY: 1,
} as const;

export const UffdFeature = {
  PAGEFAULT_FLAG_WP: 1 << 0,
  /** Faults raise SIGBUS instead of waiting. */
  SIGBUS: 1 << 7,
  THREAD_ID: 1 << 8,
  EXACT_ADDRESS: 1 << 11,
  WP_HUGETLBFS_SHMEM: 1 << 12,
  WP_UNPOPULATED: 1 << 13,
  WP_ASYNC: 1 << 15,
} as const;

/** What tracking asks of UFFDIO_API: write protection of anonymous, hugetlb and shared memory, holes too, asynchronously. */
export const TRACKING_FEATURES =
  UffdFeature.PAGEFAULT_FLAG_WP | UffdFeature.WP_HUGETLBFS_SHMEM | UffdFeature.WP_UNPOPULATED | UffdFeature.WP_ASYNC;

/** What watches ask of UFFDIO_API: stores wait, and tell their thread and their very address. */
export const WATCHING_FEATURES =
  UffdFeature.PAGEFAULT_FLAG_WP |
  UffdFeature.WP_HUGETLBFS_SHMEM |
  UffdFeature.WP_UNPOPULATED |
  UffdFeature.EXACT_ADDRESS |
  UffdFeature.THREAD_ID;

/** struct uffd_msg: u8 event, 7 bytes reserved, then for a page fault u64 flags, u64 address, u32 thread. */
export const UffdMessage = {
  SIZE: 32,
  PAGEFAULT: 0x12,
  /** UFFD_PAGEFAULT_FLAG_WRITE, UFFD_PAGEFAULT_FLAG_WP. */
  FLAG_WRITE: 1,
  FLAG_WP: 2,
  /** Offsets in bytes. */
  AT: { EVENT: 0, FLAGS: 8, ADDRESS: 16, THREAD: 24 },
} as const;

/** include/uapi/asm-generic/fcntl.h. */
export const OpenFlag = { RDONLY: 0, RDWR: 2, NONBLOCK: 0o4000, CLOEXEC: 0o2000000 } as const;

/** include/uapi/linux/eventpoll.h: EPOLL_CTL_ADD, EPOLL_CLOEXEC; and EPOLLIN. */
export const EpollControl = { ADD: 1, CLOEXEC: OpenFlag.CLOEXEC } as const;
export const POLL_IN = 1;

/** arch/x86/entry/syscalls/syscall_64.tbl. */
export const SystemCall = {
  read: 0,
  close: 3,
  mmap: 9,
  mprotect: 10,
  munmap: 11,
  ioctl: 16,
  mremap: 25,
  madvise: 28,
  getpid: 39,
  fork: 57,
  wait4: 61,
  ptrace: 101,
  prctl: 157,
  tgkill: 234,
  process_vm_readv: 310,
  process_vm_writev: 311,
  userfaultfd: 323,
  pidfd_open: 434,
  pidfd_getfd: 438,
} as const;

/** include/uapi/linux/ptrace.h, and its asm part for the last. */
export const Ptrace = {
  CONT: 7,
  DETACH: 17,
  SYSCALL: 24,
  GETREGSET: 0x4204,
  SETREGSET: 0x4205,
  SEIZE: 0x4206,
  INTERRUPT: 0x4207,
  /** Linux 5.13, with CONFIG_RSEQ. */
  GET_RSEQ_CONFIGURATION: 0x420f,
  /** Linux 6.4. */
  GET_SYSCALL_USER_DISPATCH_CONFIG: 0x4211,
  /** Option: stops at system calls are told from SIGTRAPs by bit 7 of the signal. */
  O_TRACESYSGOOD: 1,
  EVENT_STOP: 128,
  NT_PRSTATUS: 1,
  NT_PRFPREG: 2,
} as const;

/** include/uapi/linux/wait.h. */
export const Wait = { NOHANG: 1, ALL: 0x40000000 } as const;

/** include/linux/errno.h: what an interrupted call holds as its result, inside the kernel and to a tracer alone. */
export const Restart = { SYS: 512, NOINTR: 513, NOHAND: 514, BLOCK: 516 } as const;

/** include/uapi/linux/prctl.h: lets a process that is no ancestor attach where Yama would refuse. */
export const PR_SET_PTRACER = 0x59616d61;

/** Flags of the userfaultfd that the debuggee is made to open. */
export const DEBUGGEE_UFFD_FLAGS = OpenFlag.CLOEXEC | OpenFlag.NONBLOCK | Uffd.USER_MODE_ONLY;

/**
 * The same for watches, which must tell the kernel's stores too: with USER_MODE_ONLY a read(2) into watched memory would fail (EFAULT).
 * Needs CAP_SYS_PTRACE in the debuggee, or vm.unprivileged_userfaultfd=1; else EPERM.
 */
export const WATCH_UFFD_FLAGS = OpenFlag.CLOEXEC | OpenFlag.NONBLOCK;

/** include/uapi/asm-generic/mman-common.h: PROT_*. */
export const Protection = { NONE: 0, READ: 1, WRITE: 2, EXEC: 4, GROWSDOWN: 0x01000000, GROWSUP: 0x02000000 } as const;

/** include/uapi/linux/mman.h and its asm parts: MAP_*. */
export const MapFlag = {
  SHARED: 0x01,
  PRIVATE: 0x02,
  SHARED_VALIDATE: 0x03,
  DROPPABLE: 0x08,
  FIXED: 0x10,
  ANONYMOUS: 0x20,
  GROWSDOWN: 0x0100,
  LOCKED: 0x2000,
  NORESERVE: 0x4000,
  POPULATE: 0x8000,
  NONBLOCK: 0x10000,
  STACK: 0x20000,
  HUGETLB: 0x40000,
  FIXED_NOREPLACE: 0x100000,
} as const;

/** include/uapi/linux/mman.h: MREMAP_*. */
export const RemapFlag = { MAYMOVE: 1, FIXED: 2, DONTUNMAP: 4 } as const;

/** include/uapi/asm-generic/mman-common.h: MADV_*. */
export const Advice = {
  NORMAL: 0,
  RANDOM: 1,
  SEQUENTIAL: 2,
  WILLNEED: 3,
  DONTNEED: 4,
  FREE: 8,
  REMOVE: 9,
  DONTFORK: 10,
  DOFORK: 11,
  MERGEABLE: 12,
  UNMERGEABLE: 13,
  HUGEPAGE: 14,
  NOHUGEPAGE: 15,
  DONTDUMP: 16,
  DODUMP: 17,
  WIPEONFORK: 18,
  KEEPONFORK: 19,
  COLD: 20,
  PAGEOUT: 21,
  POPULATE_READ: 22,
  POPULATE_WRITE: 23,
  DONTNEED_LOCKED: 24,
  COLLAPSE: 25,
  GUARD_INSTALL: 102,
  GUARD_REMOVE: 103,
} as const;

/** Features of a userfaultfd that tell its holder of what happens to the memory (include/uapi/linux/userfaultfd.h). */
export const UffdEvent = { FORK: 1 << 1, REMAP: 1 << 2, REMOVE: 1 << 3, UNMAP: 1 << 6 } as const;

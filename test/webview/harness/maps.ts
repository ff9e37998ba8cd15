// /proc/PID/maps of a small C program with a thread pool's reservation of 16 TiB, as the kernel prints it.

export const MAPS = `
100000000000-200000000000 rw-p 00000000 00:00 0
555555554000-555555555000 r--p 00000000 fe:00 1310806                    /home/dev/ledger/build/ledger
555555555000-555555558000 r-xp 00001000 fe:00 1310806                    /home/dev/ledger/build/ledger
555555558000-55555555a000 r--p 00004000 fe:00 1310806                    /home/dev/ledger/build/ledger
55555555a000-55555555b000 r--p 00005000 fe:00 1310806                    /home/dev/ledger/build/ledger
55555555b000-55555555c000 rw-p 00006000 fe:00 1310806                    /home/dev/ledger/build/ledger
55555555c000-555555561000 rw-p 00000000 00:00 0
555555561000-5555555e5000 rw-p 00000000 00:00 0                          [heap]
7fffea000000-7fffea021000 rw-p 00000000 00:00 0
7fffea021000-7fffee000000 ---p 00000000 00:00 0
7ffff2bff000-7ffff2c00000 ---p 00000000 00:00 0
7ffff2c00000-7ffff3400000 rw-p 00000000 00:00 0
7ffff5400000-7ffff7c00000 rw-p 00000000 00:00 0
7ffff7c8a000-7ffff7cb0000 r--p 00000000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7ffff7cb0000-7ffff7e06000 r-xp 00026000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7ffff7e06000-7ffff7e59000 r--p 0017c000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7ffff7e59000-7ffff7e5d000 r--p 001cf000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7ffff7e5d000-7ffff7e5f000 rw-p 001d3000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7ffff7e5f000-7ffff7e6c000 rw-p 00000000 00:00 0
7ffff7e80000-7ffff7f80000 rw-s 00000000 00:01 2054                       /dev/shm/ledger-journal
7ffff7fbd000-7ffff7fc1000 r--p 00000000 00:00 0                          [vvar]
7ffff7fc1000-7ffff7fc3000 r-xp 00000000 00:00 0                          [vdso]
7ffff7fc3000-7ffff7fc4000 r--p 00000000 fe:00 338944                     /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7ffff7fc4000-7ffff7fea000 r-xp 00001000 fe:00 338944                     /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7ffff7fea000-7ffff7ff4000 r--p 00027000 fe:00 338944                     /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7ffff7ff4000-7ffff7ff6000 r--p 00031000 fe:00 338944                     /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7ffff7ff6000-7ffff7ff8000 rw-p 00033000 fe:00 338944                     /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7ffff7ff9000-7ffff7ffd000 rw-p 00000000 00:00 0
7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

// A library with data of its own, for lives that load one.
char area[8 * 4096] __attribute__((aligned(4096))) = {1};

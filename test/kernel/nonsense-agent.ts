// For tests: an agent that answers every request at once, and wrongly.
process.on("message", ({ id, method }: { id?: number; method?: string }) => {
  const damaged = { index: Float64Array.of(0, 7, 0, 0), data: new Uint32Array(0) };
  const settlement = { created: [], removed: [], late: damaged, discarded: damaged, text: damaged, notes: [] };
  const result = method === "settle" ? settlement : { written: 7 };
  if (id !== undefined) process.send?.({ jsonrpc: "2.0", id, result });
});
process.send?.({ jsonrpc: "2.0", method: "alive", params: {} });
process.on("disconnect", () => process.exit(0));

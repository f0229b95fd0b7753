// Loaded into a program before its own code: answers every message of its parent with what the program's memory is.
process.on("message", () => {
  const before = process.memoryUsage.rss();
  // Only where the program was started with --expose-gc.
  globalThis.gc?.();
  process.send?.({ rss: before, heapUsed: process.memoryUsage().heapUsed });
});
process.channel?.unref();

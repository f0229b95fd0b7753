// Loaded into a program before its own code: answers every message of its parent with what the program has taken.
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  const rss = process.memoryUsage.rss();
  // Only where the program was started with --expose-gc.
  globalThis.gc?.();
  process.send?.({ cpu: (user + system) / 1000, rss, heapUsed: process.memoryUsage().heapUsed });
});
process.channel?.unref();

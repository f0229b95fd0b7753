// npm run test:fuzz [-- COUNT [SEED]]
import { fuzz } from "./fuzz.js";

const [count = "100000", seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
const report = await fuzz(Number(count), Number(seed));
console.log(JSON.stringify(report, undefined, 2));
const grown = report.memory.late - report.memory.early;
console.log(`${report.requests} requests, ${report.faults.length} faults, memory grew by ${grown} MiB`);
process.exit(report.faults.length > 0 || grown > 64 ? 1 : 0);

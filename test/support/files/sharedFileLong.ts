// npm run test:shared-file [-- SECONDS]
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockStorm } from "./lockStorm.js";
import { sharedFileRun } from "./sharedFileRun.js";

const [seconds = "60"] = process.argv.slice(2);
const milliseconds = Number(seconds) * 1_000;
let faults = 0;

async function inFolder(title: string, work: (folder: string) => Promise<readonly string[]>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "shared-file-"));
  try {
    const found = await work(folder);
    faults += found.length;
    console.log(`${title}: ${found.length} faults`, found.slice(0, 10));
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const heldFor of [0, 300]) {
  await inFolder(`two writers and a reader, held for up to ${heldFor} ms`, async (folder) => {
    const result = await sharedFileRun({ folder, milliseconds, heldFor });
    console.log(JSON.stringify({ writers: result.writers, reader: result.reader }));
    const left = (await readdir(join(folder, "data"))).filter((name) => name !== "file");
    return [...result.failures, ...left];
  });
}
if (process.platform === "linux") {
  await inFolder("eight processes that want one lock, killed and stopped", async (folder) => {
    const { faults, ...counts } = await lockStorm({
      folder,
      milliseconds,
      processes: 8,
      stops: true,
      hardLinks: true,
    });
    console.log(JSON.stringify(counts));
    return faults;
  });
}
process.exit(faults > 0 ? 1 : 0);

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import reachScript from "../../../../src/slurm/scripts/reach.sh";

describe.skipIf(process.platform === "win32")("the server in a job", () => {
  let bin: string;
  let name: string;
  beforeEach(async () => {
    bin = await mkdtemp(join(tmpdir(), "reach-"));
    name = randomBytes(12).toString("hex");
  });
  afterEach(async () => {
    await rm(bin, { recursive: true });
    await rm(`/tmp/runicorn-way-${name}`, { recursive: true, force: true });
  });
  const run = async (sshd: string) => {
    await writeFile(join(bin, "sshd"), `#!/bin/sh\nfolder=\${3%/conf}\n${sshd}\n`);
    await chmod(join(bin, "sshd"), 0o755);
    return spawnSync("/bin/sh", ["-c", reachScript, "sh", name], {
      input: "a2V5\ncGVvcGxl\n",
      env: { PATH: `${bin}:/usr/bin:/bin` },
    });
  };

  it("leaves nothing where nobody was let in", async () => {
    const { status } = await run('[ -s "$folder/key" ] && exit 7');
    expect(status).toBe(7);
    expect(existsSync(`/tmp/runicorn-way-${name}`)).toBe(false);
  });

  it("does not remove what somebody has made in its place since", async () => {
    // The old one lives on under another name: its number is not given again.
    await run('mv "$folder" "$(dirname "$0")/old"; mkdir "$folder"; touch "$folder/theirs"');
    expect(existsSync(`/tmp/runicorn-way-${name}/theirs`)).toBe(true);
  });
});

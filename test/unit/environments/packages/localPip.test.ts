import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findLocalPip, runLocalPip } from "../../../../src/environments/packages/localPip.js";

describe.skipIf(process.platform === "win32")("the pip of this machine", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "local-pip-")));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("runs in a folder of ours: Python takes a pip.py from where it is started", async () => {
    const [programs, scratch] = [join(folder, "programs"), join(folder, "scratch")];
    await mkdir(programs);
    await mkdir(scratch);
    const python = `#!/bin/sh\nprintf '%s\\n' "$PWD" >>'${folder}/started'\n`;
    await writeFile(join(programs, "python3"), python, { mode: 0o700 });
    const environment = { PATH: `${programs}:/usr/bin:/bin` };
    const pip = await findLocalPip(environment, scratch);
    expect(pip).toEqual(["python3", "-m", "pip"]);
    const { signal } = new AbortController();
    await runLocalPip(pip ?? [], ["download"], { environment, scratch, signal, onOutput: () => undefined });
    expect(await readFile(join(folder, "started"), "utf8")).toBe(`${scratch}\n${scratch}\n`);
  });
});

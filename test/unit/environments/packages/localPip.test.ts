import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cancelled } from "../../../../src/common/failure.js";
import { findLocalPip, runLocalPip } from "../../../../src/environments/packages/localPip.js";
import { until } from "../../../support/until.js";

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
    const { signal } = new AbortController();
    const pip = await findLocalPip(environment, scratch, signal);
    expect(pip).toEqual(["python3", "-m", "pip"]);
    await runLocalPip(pip ?? [], ["download"], {
      environment,
      scratch,
      mostBytes: 1_000,
      signal,
      onOutput: () => undefined,
    });
    expect(await readFile(join(folder, "started"), "utf8")).toBe(`${scratch}\n${scratch}\n`);
  });

  it("is stopped while it fetches too much, with its children, and that is said", async () => {
    const started = join(folder, "started");
    const [programs, scratch] = [join(folder, "programs"), join(folder, "scratch")];
    await mkdir(programs);
    await mkdir(scratch);
    // As pip does: below its temporary folder, piece after piece, and it would never end.
    const greedy = `#!/bin/sh\nmkdir "$TMPDIR/pip-1"\nhead -c 900 /dev/zero >"$TMPDIR/pip-1/a"\nhead -c 900 /dev/zero >"$TMPDIR/pip-1/b"\nsleep 600 &\necho $! >'${started}'\nwait\n`;
    await writeFile(join(programs, "pip"), greedy, { mode: 0o700 });
    const environment = { PATH: `${programs}:/usr/bin:/bin` };
    const { signal } = new AbortController();
    const run = (mostBytes: number) =>
      runLocalPip(["pip"], [], { environment, scratch, mostBytes, signal, onOutput: () => undefined });
    await expect(run(1_000)).rejects.toMatchObject({ detail: { code: "packages-too-large", most: 1_000 } });
    const child = Number(await readFile(started, "utf8").catch(() => ""));
    await until("its child has ended", () => child === 0 || !isThere(child));
  });

  it("is not waited for when the search is cancelled, and ends with its children", async () => {
    const started = join(folder, "started");
    const hanging = `#!/bin/sh\ntrap '' TERM\nsleep 600 &\necho $! >'${started}'\nwait\n`;
    await writeFile(join(folder, "python3"), hanging, { mode: 0o700 });
    const cancel = new AbortController();
    const search = findLocalPip({ PATH: `${folder}:/usr/bin:/bin` }, folder, cancel.signal);
    let child = 0;
    await until("it hangs", async () => {
      child = Number(await readFile(started, "utf8").catch(() => ""));
      return child > 0;
    });
    cancel.abort();
    await expect(search).rejects.toBeInstanceOf(Cancelled);
    await until("its child has ended", () => !isThere(child));
  });
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

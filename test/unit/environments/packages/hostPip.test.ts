import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PythonEnvironment } from "../../../../src/environments/environment.js";
import { openHostPip } from "../../../../src/environments/packages/hostPip.js";
import type { Connection } from "../../../../src/ssh/model/connection.js";
import { createLocalConnection } from "../../../../src/ssh/thisMachine/localConnection.js";

const platform = JSON.stringify({
  kind: "platform",
  has_pip: true,
  ...{ python: "3.11", implementation: "cp", system: "linux", machine: "x86_64" },
  ...{ glibc: "2.36", musl: "", mac: "" },
});

describe.skipIf(process.platform === "win32")("the pip of a hostile host", () => {
  let folder: string;
  let connection: Connection;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "host-pip-"));
    connection = createLocalConnection({ home: folder, environment: { PATH: process.env["PATH"] } });
  });
  afterEach(async () => {
    await connection.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** @param lines of a shell that says `$tag` and an answer in place of a Python. */
  const open = async (lines: string, onOutput?: (text: string) => void) => {
    const python = join(folder, "python");
    const script = `#!/bin/sh\ntag=$3\nprintf '%s %s\\n' "$tag" '${platform}'\n${lines}\n`;
    await writeFile(python, script, { mode: 0o700 });
    const environment = { python, name: "train" } as PythonEnvironment;
    return openHostPip(connection, environment, [], new AbortController().signal, onOutput);
  };

  it("has at most two unread answers buffered", async () => {
    const pip = await open(
      `for n in 1 2 3 4 5 6 7 8 9; do printf '%s {"kind": "done", "code": %s, "output": ""}\\n' "$tag" $n; done`,
    );
    // Whatever it said has arrived by then.
    await pip.close();
    const answers: unknown[] = [];
    const failure = await (async () => {
      for (;;) answers.push(await pip.answer());
    })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ detail: { code: "runicorn-install-failed" } });
    expect(answers[0]).toMatchObject({ kind: "done", code: 1 });
    expect(answers.length).toBeLessThanOrEqual(2);
  });

  it("has a line over one mebibyte dropped, and the next one read", async () => {
    const said: string[] = [];
    const pip = await open(
      `printf '%s {"kind": "said", "text": "' "$tag"
      head -c 3000000 /dev/zero | tr '\\0' x
      printf '"}\\n'
      printf '%s {"kind": "said", "text": "short"}\\n' "$tag"
      printf 'another tag {"kind": "done", "code": 7, "output": ""}\\n'
      printf '%s {"kind": "done", "code": "seven", "output": ""}\\n' "$tag"
      printf '%s {"kind": "done", "code": 0, "output": ""}\\n' "$tag"`,
      (text) => said.push(text),
    );
    expect(await pip.answer()).toEqual({ kind: "done", code: 0, output: "" });
    expect(said).toEqual(["short"]);
    await pip.close();
  });
});

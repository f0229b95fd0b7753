import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import script from "../../../src/environments/install.sh";
import { processesNaming } from "../../support/processes.js";
import { until } from "../../support/until.js";

/** A Python whose program `hanging` starts a child and waits for it, without a word. */
const python = (hanging: string): string => `#!/bin/sh
case "$1 $2 $3" in
*"${hanging}"*)
  sh -c 'while :; do sleep 1; done' "$0" &
  wait
  ;;
*'pip --version'*) exit 1 ;;
*) echo "$@" ;;
esac
`;

describe.skipIf(process.platform !== "linux")("the script that installs Runicorn", () => {
  let folder: string;
  let running: ChildProcess | undefined;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "install-script-")));
  });
  afterEach(async () => {
    for (const { pid } of await processesNaming(folder)) process.kill(pid, "SIGKILL");
    running?.kill("SIGKILL");
    await rm(folder, { recursive: true });
  });

  const start = async (hanging: string) => {
    const path = join(folder, "python");
    await writeFile(path, python(hanging), { mode: 0o700 });
    const child = spawn("sh", ["-s"], { stdio: ["pipe", "pipe", "ignore"] });
    running = child;
    child.stdin.end(`${script}\nmain '${path}'\n`);
    return child;
  };

  it.each(["pip --version", "ensurepip", "pip install"])(
    "ends %s, with its children, when nobody reads its output any more",
    async (hanging) => {
      const child = await start(hanging);
      await until("it hangs", async () =>
        (await processesNaming(folder)).some(({ commandLine }) => commandLine.startsWith("sh -c")),
      );
      child.stdout.destroy();
      await until("nothing runs on", async () => (await processesNaming(folder)).length === 0, 10_000);
    },
  );

  it("makes pip where there is none, then installs, and tells what both say", async () => {
    const child = await start("nothing");
    let said = "";
    child.stdout.on("data", (text) => (said += String(text)));
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(0);
    expect(said.replaceAll("\r", "")).toBe(
      "-m ensurepip --default-pip\n" +
        "-m pip install --disable-pip-version-check --no-input --progress-bar off runicorn\n",
    );
  });
});

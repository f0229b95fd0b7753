import { spawn } from "node:child_process";
import { appendFile, chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { writeSshConfig } from "../support/clientHome.js";
import { makeCodeRuns } from "../support/runicorn/codeRuns.js";
import type { HostHome } from "../support/runicorn/hostHome.js";
import { followSystem, makeSystemPaintable } from "./systemColours.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

/** A window in one language, and a host with eight GPUs on which a run trains. */
export interface Place {
  readonly stage: Stage;
  /** Closes what is open in the window, and lets the host go on. */
  tidy(): Promise<void>;
  dispose(): Promise<void>;
}

/** This machine has no GPU: a program in the account's own folder answers as nvidia-smi of eight does. */
const nvidiaSmi = (pid: number): string => `#!/bin/sh
case $* in
*compute-apps*)
  echo 'GPU-0, ${pid}, 61000, /usr/bin/python'
  echo 'GPU-1, ${pid}, 60000, /usr/bin/python'
  ;;
*)
  echo '0, GPU-0, 97, 61440, 81920, 71, NVIDIA A100-SXM4-80GB'
  echo '1, GPU-1, 93, 60416, 81920, 68, NVIDIA A100-SXM4-80GB'
  echo '2, GPU-2, 41, 22528, 81920, 52, NVIDIA A100-SXM4-80GB'
  for gpu in 3 4 5 6 7; do echo "$gpu, GPU-$gpu, 0, 4, 81920, 3$gpu, NVIDIA A100-SXM4-80GB"; done
  ;;
esac
`;

export async function setScene(language: string): Promise<Place> {
  const stage = await setStage({
    version: "newest",
    severalEnvironments: true,
    moreRuns: writeCodeRuns,
    hostPath: (home) => `${join(home, "bin")}:/usr/local/bin:/usr/bin:/bin`,
    settings: {
      "runicorn.glance.pageSeconds": 1,
      "runicorn.glance.rowSeconds": 5,
      "workbench.hover.delay": 500,
      ...followSystem,
    },
    ...(language !== "en" && { language }),
  });
  const training = spawn("sleep", ["100000"], { stdio: "ignore" });
  const dispose = async (): Promise<void> => {
    training.kill();
    await stage.dispose();
  };
  try {
    await furnish(stage, training.pid ?? 0);
  } catch (error) {
    await stage.picture(`no-place-${language}`).catch(() => undefined);
    await dispose();
    throw error;
  }
  const { sshd, window } = stage;
  return {
    stage,
    tidy: async () => {
      for (const session of await sshd.sessions()) process.kill(session, "SIGCONT");
      for (let press = 0; press < 3; press += 1) await window.page.keyboard.press("Escape");
      await window.command("View: Close All Editors");
      await window.command("Notifications: Clear All Notifications");
    },
    dispose,
  };
}

/** What the host has beside Runicorn, and the laptop beside that host. @param pid of what trains */
async function furnish({ sshd, host, laptop, window }: Stage, pid: number): Promise<void> {
  const smi = join(host.home, "bin", "nvidia-smi");
  await mkdir(join(host.home, "bin"));
  await writeFile(smi, nvidiaSmi(pid));
  await chmod(smi, 0o755);
  await writeRunningRun(host.root, pid);
  const { port, user, identityFile } = sshd;
  const others = ["a100-lab", "login-node"].map((alias) => ({ alias, port: 9, user: "ada" }));
  await writeSshConfig(laptop, [{ alias: "gpu", port, user, identityFile }, ...others]);
  await makeSystemPaintable(window.page);
  await window.reload();
  await window.showSideBar("Runicorn Remote");
}

/** Two runs with images and source files, of which one has a log of values that is damaged. */
async function writeCodeRuns({ root, home }: HostHome): Promise<void> {
  await makeCodeRuns(root, join(home, "venvs", "train"), home);
  const folder = join(root, "runs", "vision", "compare");
  const [first = ""] = (await readdir(folder)).sort();
  await appendFile(join(folder, first, "events.jsonl"), '{"type": "met\n');
}

/** A run as Runicorn writes it, at which the process of this number works. */
async function writeRunningRun(root: string, pid: number): Promise<void> {
  const id = "20260101_000000_abcdef";
  const folder = join(root, "runs", "llm", "pretrain-7b", id);
  await mkdir(folder, { recursive: true });
  const now = Date.now() / 1000;
  const meta = { id, path: "llm/pretrain-7b", alias: "8 GPUs", pid, hostname: hostname(), created_at: now };
  await writeFile(join(folder, "meta.json"), JSON.stringify(meta));
  await writeFile(join(folder, "status.json"), JSON.stringify({ status: "running", started_at: now }));
  await writeFile(join(folder, "events.jsonl"), "");
}

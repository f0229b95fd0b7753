import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { writeSshConfig } from "../clientHome.js";
import { type HostHome, makeHostHome } from "../runicorn/hostHome.js";
import { sampleRuns } from "../runicorn/sampleRuns.js";
import { type Sshd, startSshd } from "../sshd.js";
import { openWindow, type WindowOptions } from "./openWindow.js";
import type { Window } from "./window.js";

/** A window, a laptop's home folder and a host `gpu` with environments and sample experiments. */
export interface Stage {
  readonly window: Window;
  readonly sshd: Sshd;
  readonly host: HostHome;
  readonly laptop: string;
  /** Takes a picture for whoever wants to look; it is kept in `.cache/screenshots`. */
  picture(name: string): Promise<void>;
  dispose(): Promise<void>;
}

const pictures = resolve(".cache", "screenshots");

export async function setStage(options: Omit<WindowOptions, "home">): Promise<Stage> {
  const host = await makeHostHome();
  await sampleRuns(host.root, join(host.home, "venvs", "train"), host.home);
  const sshd = await startSshd({ home: host.home });
  const laptop = await mkdtemp(join(tmpdir(), "laptop-"));
  await writeSshConfig(laptop, [{ alias: "gpu", ...sshd }]);
  const { window, dispose } = await openWindow({ ...options, home: laptop });
  await mkdir(pictures, { recursive: true });
  return {
    window,
    sshd,
    host,
    laptop,
    picture: (name) => window.screenshot(pictures, `${options.version}-${name}`),
    dispose: async () => {
      await dispose();
      await sshd.stop();
      await host.dispose();
      await rm(laptop, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

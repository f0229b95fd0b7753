import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort } from "../ports.js";
import { until } from "../until.js";

/** Runicorn's own viewer, as a person starts it on the machine where the runs are. */
export interface OrdinaryViewer {
  readonly url: string;
  end(): Promise<void>;
}

export async function startOrdinaryViewer(
  environment: string,
  root: string,
  home: string,
): Promise<OrdinaryViewer> {
  const port = await freePort();
  const args = ["-m", "runicorn", "viewer", "--storage", root, "--port", String(port)];
  const child = spawn(join(environment, "bin", "python"), args, {
    env: { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" },
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  await until("the viewer answers", async () => {
    return (await fetch(`${url}/api/health`).catch(() => undefined))?.ok === true;
  });
  return {
    url,
    end: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

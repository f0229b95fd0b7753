import { expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import type { JobState } from "../../../src/slurm/model/job.js";
import { createJobWatch } from "../../../src/slurm/watch.js";
import type { WorkloadManager } from "../../../src/slurm/workloadManager.js";
import type { Connection } from "../../../src/ssh/model/connection.js";

const login = { id: "ada@login:22", state: "open", target: { host: "login" } } as Connection;
const running: JobState = { kind: "running", node: "node1", endsAt: undefined };

it("a job of the person's that has our name is not ours without our key", async () => {
  const queue = (): Promise<unknown> =>
    Promise.resolve(
      [undefined, "0123abcd"].map((key, index) => ({
        ...{ id: String(index + 1), key, name: "runicorn-remote", partition: "", state: running },
      })),
    );
  const manager = { jobs: queue } as unknown as WorkloadManager;
  const watch = createJobWatch({ manager, connection: () => login, logger: silentLogger });
  const watching = [watch.watch(login, "1"), watch.watch(login, "2")];
  await watch.look(login, "2");
  expect(["1", "2"].map((id) => watch.isOurs(login.id, id))).toEqual([false, true]);
  for (const one of watching) one.dispose();
  watch.dispose();
});

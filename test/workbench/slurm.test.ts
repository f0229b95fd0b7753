import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, describe, expect } from "vitest";
import { isFullMatrix } from "../support/matrix.js";
import { configOfAlice, writeRunsOfAlice } from "../support/slurm/alice.js";
import { bringUp, type Cluster } from "../support/slurm/cluster.js";
import { noCluster } from "../support/slurm/install.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { setScene } from "../support/vscode/stage.js";
import type { Window } from "../support/vscode/window.js";
import { sceneTest } from "../support/vscode/windowTest.js";

const sample = "resnet50-cifar10";
/** Milliseconds: longer than two keepalives of the SSH configuration go unanswered. */
const longAway = 10_000;
/** Milliseconds of a wait after which the cluster is asked every five seconds, and not more often. */
const rarelyAsked = 50_000;
/** Milliseconds in which a viewer is there again once its host can be reached. */
const soon = 30_000;

describe.skipIf(noCluster)("a viewer in a job of a cluster", () => {
  let cluster: Cluster;
  let laptop: string;
  afterAll(async () => {
    await cluster.down();
    await rm(laptop, { recursive: true, force: true, maxRetries: 5 });
  });
  const it = sceneTest(async () => {
    cluster = await bringUp();
    await writeRunsOfAlice(cluster);
    laptop = await mkdtemp(join(tmpdir(), "laptop-"));
    await writeConfig(laptop, cluster);
    return setScene({ version: "newest", home: laptop });
  });
  /** The rest of it takes minutes: `npm run test:windows`. */
  const itLong = it.runIf(isFullMatrix);

  const jobs = async (format = "%i %T"): Promise<string[]> => {
    const said = await cluster.as("alice", "login", `squeue -h -u alice -o '${format}'`);
    return said.split("\n").filter((line) => line !== "");
  };
  const stateOf = async (job: string): Promise<string> =>
    /JobState=(\w+)/.exec(await cluster.as("alice", "login", `scontrol show job ${job}`))?.[1] ?? "";
  const viewersOn = async (node: "node1" | "node2"): Promise<string[]> => {
    const said = await cluster.as("root", node, "pgrep -u alice -f 'runicorn.*viewer' || true");
    return said.split("\n").filter((line) => line !== "");
  };
  /** How often the controller was asked about jobs. */
  const questions = async (): Promise<number> => {
    const said = await cluster.as("root", "login", "sdiag");
    const counts = said.matchAll(/^\s*REQUEST_JOB_(?:INFO|USER_INFO|INFO_SINGLE)\s.*?count:(\d+)/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  /** The only job of ours: its number. */
  const job = async (): Promise<string> => {
    const ours = (await jobs("%i %j")).filter((line) => line.endsWith(" runicorn-remote"));
    expect(ours).toHaveLength(1);
    return ours[0]?.split(" ")[0] ?? "";
  };
  /** Opens a viewer in a new job in this partition, with one more row changed. */
  const openWith = async (
    window: Window,
    partition: string,
    [row, text]: readonly [string, string],
  ): Promise<void> => {
    await window.chooseOnTreeItem("Connections", "cluster", "Open Viewer With…");
    await window.waitForQuickInput("Where should the viewer run?");
    await window.page.keyboard.press("Enter");
    await window.waitForQuickInput("Job on cluster");
    await window.pick("Partition");
    await window.waitForQuickInput("Partition");
    await window.pick(partition);
    await window.waitForQuickInput("Job on cluster");
    await window.pick(row);
    await window.type(text, row);
    await window.waitForQuickInput("Job on cluster");
    await window.pick("Run the Viewer in This Job");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    await mainJob.chooseRoot(window);
    await mainJob.waitForViewer(window, sample);
  };
  /** Nobody's job has a place: bob's have all. */
  const fill = (): Promise<string> =>
    cluster.as("bob", "login", "sbatch --parsable -o /dev/null -N2 --exclusive -t 60 --wrap 'sleep 3600'");

  it("is not asked about any longer when its tab is cancelled", async ({ window, press }) => {
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseNewHost(window, "cluster");
    await window.waitForQuickInput("Where should the viewer run?");
    await press("Enter");
    await window.waitForQuickInput("Job on cluster");
    await window.pick("CPUs");
    await window.waitForQuickInput("CPUs");
    await window.pressInPanel("waiting for your choice…", "Cancel");
    await window.quickInput.waitFor({ state: "hidden" });
    expect(await jobs()).toEqual([]);
  });

  it("is asked for by two presses of Enter", async ({ stage, window }) => {
    await window.treeItem("Connections", "cluster").click();
    await window.waitForQuickInput("Where should the viewer run?");
    await stage.picture("slurm-where");
    await window.page.keyboard.press("Enter");
    await window.waitForQuickInput("Job on cluster");
    await stage.picture("slurm-job");
    await window.page.keyboard.press("Enter");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    const frame = await mainJob.waitForViewer(window, sample);
    await mainJob.closeRunicornSettings(frame);
    await window.treeItem("Connections", /runs.*node1, .* left/).waitFor();
    await stage.picture("slurm-running");
    expect(await jobs("%T %b %m %C")).toEqual(["RUNNING N/A 1G 1"]);
    await job();
  });

  it("is the same process after the laptop was away for longer than the keepalive", async ({
    stage,
    window,
  }) => {
    const [before] = await Promise.all([viewersOn("node1"), job()]);
    expect(before.length).toBeGreaterThan(0);
    cluster.cutLink(true);
    await window.panelText("Reconnecting to");
    await delay(longAway);
    await stage.picture("slurm-away");
    cluster.cutLink(false);
    await window.panelWithout("Reconnecting to");
    await window.treeItem("Connections", /runs.*node1, .* left/).waitFor({ timeout: soon });
    await mainJob.waitForViewer(window, sample);
    expect(await viewersOn("node1")).toEqual(before);
    await job();
  });

  it("ends its job when it is stopped, which is completed within seconds", async ({ window }) => {
    const id = await job();
    await window.pressOnTreeItem("Connections", /runs.*node1/, "Stop Viewer");
    await until("the job is completed", async () => (await stateOf(id)) === "COMPLETED", 10_000);
    expect(await viewersOn("node1")).toEqual([]);
  });

  itLong("is there again by one click, which asks nothing", async ({ window }) => {
    await window.treeItem("Connections", "cluster").click();
    await mainJob.waitForViewer(window, sample);
    await window.treeItem("Connections", /runs.*node1, .* left/).waitFor();
    await job();
  });

  itLong("is left running or stopped with its host, as any viewer is", async ({ window }) => {
    const id = await job();
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Leave Running and Disconnect");
    await window.treeItem("Connections", /cluster.*not connected/).waitFor();
    expect(await jobs()).toEqual([`${id} RUNNING`]);
    await window.treeItem("Connections", "cluster").click();
    await mainJob.waitForViewer(window, sample);
    expect(await job()).toBe(id);
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Stop and Disconnect");
    await until("the job is completed", async () => (await stateOf(id)) === "COMPLETED", 10_000);
    await window.treeItem("Connections", /cluster.*not connected/).waitFor();
    await window.treeItem("Connections", "cluster").click();
    await mainJob.waitForViewer(window, sample);
  });

  itLong("says that it was cancelled, and runs the viewer in another job", async ({ stage, window }) => {
    const id = await job();
    await cluster.as("alice", "login", `scancel ${id}`);
    await window.panelText(`Job ${id} on cluster was cancelled with scancel`);
    await window.treeItem("Connections", /runs.*cancelled by scancel/).waitFor();
    await stage.picture("slurm-ended");
    await window.pressOnTreeItem("Connections", /runs.*cancelled by scancel/, "Run Again");
    await mainJob.waitForViewer(window, sample);
    await window.treeItem("Connections", /runs.*node1, .* left/).waitFor();
    expect(await job()).not.toBe(id);
    await window.pressOnTreeItem("Connections", /runs.*node1/, "Stop Viewer");
    await until("no job is left", async () => (await jobs()).length === 0);
  });

  describe("where no node is free", () => {
    afterEach(async () => {
      cluster.cutLink(false);
      await cluster.as("bob", "login", "scancel -u bob");
    });

    itLong(
      "says why it waits, keeps its place when its tab and the window are closed, and comes when there is room",
      async ({ stage, window }) => {
        const blocking = await fill();
        await window.treeItem("Connections", "cluster").click();
        await window.panelText("no node has enough free CPUs, memory or GPUs yet");
        await window.treeItem("Connections", /Job \d+.*queued/).waitFor();
        await stage.picture("slurm-queued");
        const id = await job();
        await window.untilSaved();
        await window.reload();
        await window.panelText("no node has enough free CPUs, memory or GPUs yet");
        expect(await job()).toBe(id);
        await window.command("View: Close All Editors");
        await window.treeItem("Connections", /Job \d+.*queued/).waitFor();
        await cluster.as("bob", "login", `scancel ${blocking}`);
        await window.pressInNotification("is there: its job runs.", "Show");
        await mainJob.waitForViewer(window, sample);
        expect(await job()).toBe(id);
        await window.pressOnTreeItem("Connections", /runs.*node1/, "Stop Viewer");
        await until("no job is left", async () => (await jobs()).length === 0);
      },
    );

    it("keeps its place while its login node is lost, and can be cancelled in the tree", async ({
      stage,
      window,
      press,
    }) => {
      await fill();
      await window.treeItem("Connections", "cluster").click();
      await window.treeItem("Connections", /Job \d+.*queued/).waitFor();
      const id = await job();
      cluster.cutLink(true);
      await window.treeItem("Connections", `Job ${id}state unknown: the login node is not reached`).waitFor();
      await window.pressOnTreeItem("Connections", `Job ${id}`, "Cancel Job");
      await window
        .notification(`Not cancelled, because the login node is not reached: Job ${id} on cluster.`)
        .waitFor();
      await window.command("Runicorn: Disconnect from Host");
      await window.dialog("Disconnect from cluster, where a job of yours waits?").waitFor();
      await stage.picture("slurm-lost-login");
      await press("Escape");
      cluster.cutLink(false);
      await window.treeItem("Connections", /Job \d+.*queued/).waitFor({ timeout: soon });
      expect(await job()).toBe(id);
      await window.pressOnTreeItem("Connections", `Job ${id}`, "Cancel Job");
      const page = await window.panelText(`Job ${id} on cluster was cancelled`);
      await page.locator("vscode-button", { hasText: "Run Again" }).waitFor();
      await stage.picture("slurm-cancelled");
      await until("no job is left", async () => (await jobs()).length === 0);
    });

    itLong("is asked about where it has started before it is cancelled", async ({ stage, window, press }) => {
      const blocking = await fill();
      await window.treeItem("Connections", "cluster").click();
      await window.treeItem("Connections", /Job \d+.*queued/).waitFor();
      const id = await job();
      await window.command("View: Close All Editors");
      // By then the cluster is asked rarely enough for a start that the window does not know of.
      await delay(rarelyAsked);
      const asked = await questions();
      await until("the cluster was just asked", async () => (await questions()) > asked);
      await cluster.as("bob", "login", `scancel ${blocking}`);
      await until("it runs", async () => (await stateOf(id)) === "RUNNING");
      await window.pressOnTreeItem("Connections", `Job ${id}`, "Cancel Job");
      await window.dialog(`Job ${id} on cluster has started meanwhile. End it?`).waitFor();
      await stage.picture("slurm-started-meanwhile");
      await press("Escape");
      await window.pressInNotification("is there: its job runs.", "Show");
      await mainJob.waitForViewer(window, sample);
      await window.pressOnTreeItem("Connections", /runs.*node\d/, "Stop Viewer");
      await until("no job is left", async () => (await jobs()).length === 0);
    });
  });

  itLong(
    "is warned of before the time limit, which is said when it has come",
    async ({ stage, window }) => {
      await openWith(window, "short", ["Time limit", "1 min"]);
      const id = await job();
      await window.notification(new RegExp(`Job ${id} on cluster has less than 1 min left`)).waitFor();
      await window.panelText("This viewer ends with it.");
      await stage.picture("slurm-warned");
      await window.panelText(`Job ${id} on cluster has reached its time limit`, 150_000);
      await stage.picture("slurm-time-limit");
      expect(await viewersOn("node1")).toEqual([]);
    },
    240_000,
  );

  itLong(
    "says how its job ended, and runs another one, when a job with a higher priority takes its place",
    async ({ stage, window }) => {
      await openWith(window, "low", ["CPUs", "4"]);
      await window.treeItem("Connections", /runs.*node1/).waitFor();
      const id = await job();
      await cluster.as(
        "alice",
        "login",
        "sbatch -p high -w node1 -t 1 -c 4 -J other -o /dev/null --wrap 'sleep 2'",
      );
      await window.treeItem("Connections", /runs.*preempted/).waitFor();
      await stage.picture("slurm-preempted");
      await window.pressInPanel(
        `Job ${id} on cluster was preempted: another job needed its place.`,
        "Run Again",
      );
      await window.treeItem("Connections", /runs.*node\d, .* left/).waitFor();
      expect(await job()).not.toBe(id);
      await window.pressOnTreeItem("Connections", /runs.*node\d/, "Stop Viewer");
      await until("no job is left", async () => (await jobs()).length === 0, 20_000);
    },
  );

  itLong("may be the person's own, which goes on when the viewer is stopped", async ({ stage, window }) => {
    const own = await cluster.as(
      "alice",
      "login",
      "sbatch --parsable -J training -o /dev/null -t 60 --wrap 'sleep 3600'",
    );
    await until("it runs", async () => (await stateOf(own)) === "RUNNING");
    await window.chooseOnTreeItem("Connections", "cluster", "Open Viewer With…");
    await window.waitForQuickInput("Where should the viewer run?");
    await stage.picture("slurm-own-job");
    await window.pick(`Job ${own}: training`);
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    await mainJob.chooseRoot(window);
    await mainJob.trustHostKey(window);
    await mainJob.waitForViewer(window, sample);
    await window.treeItem("Connections", /runs.*node1/).waitFor();
    await window.pressOnTreeItem("Connections", /runs.*node1/, "Stop Viewer");
    await window.panelText("was stopped.");
    expect(await stateOf(own)).toBe("RUNNING");
    expect(await jobs("%i")).toEqual([own]);
    await cluster.as("alice", "login", `scancel ${own}`);
  });

  itLong(
    "says that its node was lost",
    async ({ stage, window }) => {
      await until("no job is left", async () => (await jobs()).length === 0, 20_000);
      await openWith(window, "debug", ["CPUs", "1"]);
      const id = await job();
      cluster.loseNode("node1");
      await window.panelText(`The node of job ${id} on cluster was lost.`, 120_000);
      await window.treeItem("Connections", /runs.*the node was lost/).waitFor();
      await stage.picture("slurm-lost-node");
    },
    240_000,
  );
});

async function writeConfig(home: string, cluster: Cluster): Promise<void> {
  await mkdir(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  await writeFile(join(home, ".ssh", "config"), configOfAlice(cluster));
}

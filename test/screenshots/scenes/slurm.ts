import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { configOfAlice, writeRunsOfAlice } from "../../support/slurm/alice.js";
import { bringUp, type Cluster } from "../../support/slurm/cluster.js";
import { noCluster } from "../../support/slurm/install.js";
import { until } from "../../support/until.js";
import type { Gallery } from "../gallery.js";
import { personAt } from "../person.js";

/** Viewers in jobs of a cluster: asked for, running, waiting, ended. */
export async function slurm(gallery: Gallery): Promise<void> {
  if (noCluster !== undefined)
    return gallery.step("have a cluster", () => Promise.reject(new Error(noCluster)));
  const cluster = await bringUp();
  try {
    await withCluster(gallery, cluster);
  } finally {
    await cluster.down();
  }
}

async function withCluster(gallery: Gallery, cluster: Cluster): Promise<void> {
  const { window, words, stage } = gallery;
  const person = personAt(gallery);
  const row = (text: string | RegExp) => window.treeItem(person.connections, text);
  const queue = async (): Promise<string[]> =>
    (await cluster.as("alice", "login", "squeue -h -u alice -o %i")).split("\n").filter(Boolean);

  await gallery.step("know the cluster", async () => {
    await writeRunsOfAlice(cluster);
    await appendFile(join(stage.laptop, ".ssh", "config"), `\n${configOfAlice(cluster)}`);
    await person.closeEditors();
  });
  await gallery.view("slurm-where", async () => {
    await person.chooseHost("cluster");
    await person.waitForQuestion("Unknown host key of {0} (port {1})");
    await person.pick("Trust and Connect");
    await person.waitForQuestion("Where should the viewer run?");
  });
  await gallery.view("slurm-job", async () => {
    await window.page.keyboard.press("Enter");
    await person.waitForQuestion("Job on {0}");
  });
  await gallery.view("slurm-time", async () => {
    await person.pick("Time limit");
    await window.quickInputBox.fill("soon");
    await window.quickInput.locator(".quick-input-message").first().waitFor();
  });
  await gallery.view("slurm-running", async () => {
    await window.quickInputBox.fill("2 h");
    await window.page.keyboard.press("Enter");
    await person.waitForQuestion("Job on {0}");
    await person.pick("Run the Viewer in This Job");
    await person.waitForQuestion("Python environment on");
    await window.pick("train");
    await person.viewerIsShown();
    await row(/node1/).waitFor();
  });
  await gallery.view("slurm-menu", async () => {
    await row(/node1/).click({ button: "right" });
    await window.page.locator(".monaco-menu .action-label").first().waitFor();
  });
  await gallery.step("stop the viewer", async () => {
    await person.leave();
    await window.pressOnTreeItem(person.connections, /node1/, words.manifest("command.stopViewer"));
    await until("no job is left", async () => (await queue()).length === 0, 30_000);
    await person.closeEditors();
    await cluster.as(
      "bob",
      "login",
      "sbatch --parsable -o /dev/null -N2 --exclusive -t 60 --wrap 'sleep 3600'",
    );
  });
  await gallery.view("slurm-queued", async () => {
    await row(/^cluster/).click();
    await person.says("no node has enough free CPUs, memory or GPUs yet");
    await until("it is in the queue", async () => (await queue()).length === 1);
    const [job = ""] = await queue();
    await row(new RegExp(job)).waitFor();
  });
  await gallery.view("slurm-disconnect", async () => {
    await window.chooseOnTreeItem(person.connections, /^cluster/, words.manifest("command.disconnect"));
    await window.page.locator(".monaco-dialog-box").waitFor();
  });
  await gallery.step("stay connected", () => window.page.keyboard.press("Escape"));
  await gallery.view("slurm-cancelled", async () => {
    for (const job of await queue()) await cluster.as("alice", "login", `scancel ${job}`);
    await person.says("The runs are not touched. Run the viewer again in another job.");
  });
  await gallery.view("slurm-own-job", async () => {
    await person.closeEditors();
    await cluster.as("bob", "login", "scancel -u bob");
    await cluster.as("alice", "login", "sbatch -J training -o /dev/null -t 60 --wrap 'sleep 3600'");
    await window.chooseOnTreeItem(person.connections, /^cluster/, words.manifest("command.openViewer"));
    await person.waitForQuestion("Where should the viewer run?");
    await window.row("training").waitFor();
  });
  await gallery.step("leave the question", () => person.leave());
  await gallery.view("glance-hosts", async () => {
    await person.run("showGlance");
    await window.panelText("cluster");
    await window.panelText(words.of("No GPU: nvidia-smi and rocm-smi are missing."));
  });
  await gallery.step("close the glance", () => person.closeEditors());
}

import { afterEach, describe, expect, it } from "vitest";
import { usualRequest } from "../../../src/slurm/model/jobRequest.js";
import { createSlurmCommands } from "../../../src/slurm/slurmCommands.js";
import { type FakeLogin, fakeLogin } from "../../support/slurm/fakeLogin.js";

/** Takes each job that it is given, and numbers them from 101 on. */
const sbatch = `
if [ "$1" = --version ]; then echo slurm 22.05.8; exit; fi
cat >/dev/null
for word; do case $word in *runicorn-remote:*) key=\${word##*:} ;; esac; done
echo "$key" >>"$FOLDER/taken"
echo $((100 + $(wc -l <"$FOLDER/taken")))`;
const squeue = `
number=100
while read -r key; do
  number=$((number + 1))
  echo "$number|PENDING|None|N/A|1:00||debug|runicorn-remote:$key|runicorn-remote"
done <"$FOLDER/taken"`;

describe.skipIf(process.platform === "win32")("Slurm's commands", () => {
  let fake: FakeLogin | undefined;
  afterEach(() => fake?.remove());
  const submit = (one: FakeLogin, commands = createSlurmCommands()): Promise<string> =>
    commands.submit(one.login, usualRequest, "0a1b2c3d", 30, () => commands.queue(one.login, "ours"));

  it("submit once, though the shell of others ends meanwhile", async () => {
    fake = await fakeLogin({ sbatch, squeue });
    const commands = createSlurmCommands();
    await commands.detect(fake.login);
    fake.failNext("heldShell", "shell-ended");
    expect(await submit(fake, commands)).toBe("101");
    expect(await fake.lines("taken")).toEqual(["0a1b2c3d"]);
  });

  it.each(["exec-timed-out", "script-did-not-run"])("find a job whose answer was lost: %s", async (code) => {
    fake = await fakeLogin({ sbatch, squeue });
    fake.failNext("exec", code);
    expect(await submit(fake)).toBe("101");
    expect(await fake.lines("taken")).toHaveLength(1);
  });

  it("find a job that sbatch has handed in and not heard of", async () => {
    fake = await fakeLogin({
      sbatch: `${sbatch.replace(/echo \$\(\(.*/, "")}\necho 'sbatch: error: Socket timed out' >&2; exit 1`,
      squeue,
    });
    expect(await submit(fake)).toBe("101");
  });

  it("report why a job was rejected", async () => {
    fake = await fakeLogin({ sbatch: "cat >/dev/null; echo 'sbatch: error: Invalid account' >&2; exit 1" });
    await expect(submit(fake)).rejects.toMatchObject({
      detail: { code: "job-refused", said: "Invalid account" },
    });
    const lost = await fakeLogin({ sbatch: "cat >/dev/null" });
    lost.failNext("exec", "connection-lost");
    await expect(submit(lost)).rejects.toMatchObject({ detail: { code: "connection-lost" } });
    await lost.remove();
  });

  it("ask for jobs by their numbers, in all partitions, whatever the person has set", async () => {
    fake = await fakeLogin({
      squeue: `env | grep ^SQUEUE_ >>"$FOLDER/set"; echo "$*" >>"$FOLDER/asked"; echo "7|SUSPENDED|None|1|1:00|node1|x|(null)|train"`,
    });
    const found = await createSlurmCommands().jobs(fake.login, ["7", "8"]);
    expect(found).toMatchObject([{ id: "7", key: undefined, state: { kind: "running" } }]);
    expect(await fake.lines("set")).toEqual([]);
    expect((await fake.lines("asked"))[0]).toMatch(/-a .*-t all -j 7,8 /);
  });

  it("list ours in whatever number of others, and of those 200 that run", async () => {
    fake = await fakeLogin({
      squeue: `echo "$*" >>"$FOLDER/asked"; seq 1 2000 | sed 's/.*/&0|PENDING|None|1|1:00||x|(null)|train/; p; s/0|PENDING/1|RUNNING/'
        for id in 7 8; do echo "$id|COMPLETED|None|1|1:00||x|runicorn-remote:0a1b2c3d|runicorn-remote"; done`,
    });
    const listed = await createSlurmCommands().queue(fake.login, "all");
    expect(listed.filter(({ name }) => name === "train")).toHaveLength(200);
    expect(listed.flatMap(({ id, key, state }) => (key ? [[id, state?.kind]] : []))).toEqual([
      ["7", "ended"],
      ["8", "ended"],
    ]);
    expect(await fake.lines("asked")).toHaveLength(1);
    const silent = await fakeLogin({
      squeue: "echo 'error: Unable to contact slurm controller' >&2; exit 1",
    });
    await expect(createSlurmCommands().queue(silent.login, "all")).rejects.toMatchObject({
      detail: { code: "slurm-silent" },
    });
    await silent.remove();
  });

  it("list ours behind others whose names fill all that is read", async () => {
    fake = await fakeLogin({
      squeue: `long=$(head -c 2000 /dev/zero | tr '\\0' x)
        for id in $(seq 10 400); do echo "$id|RUNNING|None|1|1:00|n|x|$long|$long"; done
        echo "7|RUNNING|None|1|1:00|n|x|runicorn-remote:0a1b2c3d|runicorn-remote"`,
    });
    const listed = await createSlurmCommands().queue(fake.login, "all");
    expect(listed[0]).toMatchObject({ id: "7", key: "0a1b2c3d" });
    expect(listed).toHaveLength(201);
  });

  it("accept an unknown job id as an answer, and no other error", async () => {
    fake = await fakeLogin({
      squeue: "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1",
    });
    expect(await createSlurmCommands().jobs(fake.login, ["7"])).toEqual([]);
    const silent = await fakeLogin({
      squeue: "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1",
    });
    await expect(createSlurmCommands().jobs(silent.login, ["7"])).rejects.toMatchObject({
      detail: { code: "slurm-silent" },
    });
    await silent.remove();
  });

  it.each([
    ["echo TIMEOUT", "timeLimit"],
    ["echo 'CANCELLED by 1000'", "cancelled"],
    ["echo RUNNING", "alive"],
    ["echo; echo RUNNING", "alive"],
    ["", undefined],
    ["echo 'Slurm accounting storage is disabled' >&2; exit 1", undefined],
  ])("read the end of a job from sacct: %s", async (sacct, how) => {
    fake = await fakeLogin({ sacct });
    expect(await createSlurmCommands().ended(fake.login, "7")).toBe(how);
  });

  it("know no end where sacct fails", async () => {
    fake = await fakeLogin({ sacct: "echo 'sacct: error: Problem talking to the database' >&2; exit 1" });
    await expect(createSlurmCommands().ended(fake.login, "7")).rejects.toMatchObject({
      detail: { code: "slurm-failed" },
    });
  });

  it("cancel whatever the person has set", async () => {
    fake = await fakeLogin({
      scancel: `env | grep ^SCANCEL_ >>"$FOLDER/set"; echo "$*" >>"$FOLDER/cancelled"`,
    });
    await createSlurmCommands().cancel(fake.login, "7");
    expect(await fake.lines("set")).toEqual([]);
    expect(await fake.lines("cancelled")).toEqual(["7"]);
  });
});

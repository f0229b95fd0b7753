import { execFileSync } from "node:child_process";

const script = `
import os, sys
root, runs, files = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
old = 1700000000
names = ["meta.json", "status.json", "summary.json", "events.jsonl", "logs.txt"]
for run in range(runs):
    folder = "%s/runs/group-%d/%08d" % (root, run % 20, run)
    os.makedirs(folder + "/media")
    for index in range(files):
        path = "%s/%s" % (folder, names[index] if index < 5 else "media/%d.png" % index)
        with open(path, "w") as file:
            file.write('{"status": "finished"}' if index == 1 else "x" * (1 + run % 100))
        os.utime(path, (old, old))
    for path in (folder + "/media", folder):
        os.utime(path, (old, old))
for group in os.listdir(root + "/runs"):
    os.utime(root + "/runs/" + group, (old, old))
`;

/** Makes runs that ended long ago: their times are of last year, and so are those of their folders. */
export function makeOldRuns(root: string, runs: number, filesOfRun: number): void {
  execFileSync("python3", ["-c", script, root, String(runs), String(filesOfRun)]);
}

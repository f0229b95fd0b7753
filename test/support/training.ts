import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A file with this name is not copied. */
export const notCopied = "runicorn.db.lock";
/** The run that trains. */
export const trainedRun = "runs/crash/20260101_000000_aaaaaa";

/** A host where a run trains: small files are rewritten, logs grow, large files come and go. */
export function startTraining(root: string): { readonly written: () => string; stop(): void } {
  let step = 0;
  mkdirSync(join(root, trainedRun), { recursive: true });
  let written = "";
  const turn = (): void => {
    step += 1;
    const body = "y".repeat((step * 7919) % 200_000);
    const whole = JSON.stringify({ step, length: body.length, body });
    const beside = join(root, notCopied);
    writeFileSync(beside, whole);
    renameSync(beside, join(root, trainedRun, "status.json"));
    writeFileSync(join(root, trainedRun, "summary.json"), whole);
    const line = `${step} ${"x".repeat(step % 97)}\n`;
    written += line;
    appendFileSync(join(root, trainedRun, "events.jsonl"), line);
    if (step % 5 === 0) {
      const large = Buffer.alloc(3_000_000, step % 251);
      writeFileSync(beside, large);
      renameSync(beside, join(root, `model-${step % 4}.bin`));
    }
    if (step % 11 === 0) rmSync(join(root, `model-${(step + 2) % 4}.bin`), { force: true });
  };
  turn();
  const timer = setInterval(turn, 25);
  return { written: () => written, stop: () => clearInterval(timer) };
}

/**
 * Reads the copy as somebody who knows nothing of us, again and again. Collects what is no state that the host had. Not of
 * summary.json: of a file that is rewritten in place, whoever reads on the host sees parts of two states as well.
 */
export function startReader(copy: () => string | undefined, written: () => string) {
  const wrong: string[] = [];
  let reads = 0;
  let stopped = false;
  const look = (): void => {
    const folder = copy();
    if (folder === undefined) return;
    const read = (name: string): Buffer | undefined => {
      try {
        return readFileSync(join(folder, name));
      } catch {
        return undefined;
      }
    };
    const status = read(`${trainedRun}/status.json`);
    if (status && !isWhole(status)) wrong.push(`status.json: ${status.length} bytes`);
    const events = read(`${trainedRun}/events.jsonl`)?.toString() ?? "";
    if (!written().startsWith(events)) wrong.push(`events.jsonl: ${events.length} characters`);
    for (let index = 0; index < 4; index += 1) {
      const bytes = read(`model-${index}.bin`);
      if (bytes && !bytes.equals(Buffer.alloc(3_000_000, bytes[0]))) {
        wrong.push(`model-${index}.bin: ${bytes.length} bytes`);
      }
    }
    reads += 1;
  };
  const loop = (async () => {
    while (!stopped) {
      look();
      await delay(5);
    }
  })();
  return {
    wrong,
    get reads() {
      return reads;
    },
    stop: async () => {
      stopped = true;
      await loop;
    },
  };
}

function isWhole(bytes: Buffer): boolean {
  try {
    const { length, body } = JSON.parse(bytes.toString()) as { length: number; body: string };
    return body.length === length;
  } catch {
    return false;
  }
}

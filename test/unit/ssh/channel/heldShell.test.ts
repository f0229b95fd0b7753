import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { Cancelled } from "../../../../src/common/failure.js";
import { encodeBytes } from "../../../../src/common/text/bytes.js";
import { createHeldShell } from "../../../../src/ssh/channel/heldShell.js";
import { callOf } from "../../../../src/ssh/channel/script.js";
import type { HeldShell, ScriptOptions } from "../../../../src/ssh/model/heldShell.js";
import { type LocalShell, shells, startLocalShell } from "../../../support/localShell.js";
import { processesNaming } from "../../../support/processes.js";
import { until } from "../../../support/until.js";

let opened: LocalShell[] = [];
afterEach(() => {
  for (const { process } of opened) process.kill();
  opened = [];
});

function holdShell(shell: readonly string[], isReplaceable = true): HeldShell {
  const open = (input: Buffer) => {
    const local = startLocalShell(shell, input);
    opened.push(local);
    return Promise.resolve(local.process);
  };
  return createHeldShell({ host: "gpu", open, isReplaceable });
}

const run = (shell: HeldShell, script: string, args: readonly string[] = [], options?: ScriptOptions) =>
  shell.run(callOf(script, args), options);

/** Numbers of the processes that a shell has started and not yet waited for. */
function childrenOf({ child }: LocalShell): string[] {
  const path = `/proc/${child.pid}/task/${child.pid}/children`;
  return readFileSync(path, "utf8").trim().split(" ").filter(Boolean);
}

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom("'; touch x #", "$(touch x)", "-rf", "a\nb", "\\", "'", "~", "*", "", "\udcd6\udcd0", "}"),
);

describe.each(shells)("scripts in a held %s", (...shell) => {
  it("receive any arguments as they are, and have no input", async () => {
    const held = holdShell(shell);
    const script = `main() { cat; for word; do printf '%s\\0' "$word"; done; }`;
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { maxLength: 8 }), async (args) => {
        const sendable = args.map((text) => text.replaceAll("\0", ""));
        const { output, code } = await run(held, script, sendable);
        const expected = sendable.flatMap((text) => [encodeBytes(text), Buffer.from([0])]);
        expect(output).toEqual(Buffer.concat(expected));
        expect(code).toBe(0);
      }),
      { numRuns: 40 },
    );
    expect(opened).toHaveLength(1);
  });

  it("answer with every byte, their errors and their status, whether heard live or not", async () => {
    const held = holdShell(shell);
    const script = `main() {
      awk 'BEGIN { for (byte = 0; byte < 256; byte++) printf "\\\\%03o", byte }' | { read -r all; printf "$all"; }
      echo "complaint $1" >&2
      return 7
    }`;
    const allBytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const heard: Buffer[] = [];
    for (const options of [{}, { onStdout: (chunk: Buffer) => void heard.push(chunk) }]) {
      const { output, stderr, code, truncated } = await run(held, script, ["one"], options);
      expect(output).toEqual(allBytes);
      expect([stderr.toString(), code, truncated]).toEqual(["complaint one\n", 7, false]);
    }
    expect(Buffer.concat(heard)).toEqual(allBytes);
  });

  it("run in parallel, isolated from each other", async () => {
    const held = holdShell(shell);
    const folder = mkdtempSync(join(tmpdir(), "held-"));
    const wait = 'main() { word=slow; until [ -e "$1" ]; do sleep 0.05; done; echo $word; }';
    const slow = run(held, wait, [join(folder, "go")]);
    const script = `main() { : "\${word:=$1}"; head -c 20000 /dev/zero | tr '\\0' "$2"; echo "$word"; }`;
    const letters = [..."abcdefghijklmnopqrstuvwxyz0123"];
    const many = letters.map((letter, index) => run(held, script, [`word ${index}`, letter]));
    for (const [index, { output }] of (await Promise.all(many)).entries())
      expect(output.toString()).toBe(`${letters[index]?.repeat(20_000)}word ${index}\n`);
    writeFileSync(join(folder, "go"), "");
    expect((await slow).output.toString()).toBe("slow\n");
    rmSync(folder, { recursive: true });
  });

  it("are forgotten when they have ended: none becomes a zombie for long", async () => {
    const held = holdShell(shell);
    for (let times = 0; times < 60; times += 1) await run(held, "main() { :; }");
    expect(childrenOf(opened[0] as LocalShell).length).toBeLessThan(8);
  });

  it("are ended where they print more than is wanted, and only they", async () => {
    const held = holdShell(shell);
    const other = run(held, "main() { sleep 0.5; echo fine; }");
    const { output, truncated, code } = await run(held, "main() { yes; }", [], { outputLimit: 5_000 });
    expect(output.toString()).toBe("y\n".repeat(2_500));
    expect([truncated, code]).toEqual([true, undefined]);
    const exactly = await run(held, "main() { head -c 5000 /dev/zero; }", [], { outputLimit: 5_000 });
    expect([exactly.output.length, exactly.truncated, exactly.code]).toEqual([5_000, false, 0]);
    expect((await other).output.toString()).toBe("fine\n");
    expect(opened).toHaveLength(1);
  });

  it("that are late cost the shell, and the next one is there at once", async () => {
    const held = holdShell(shell);
    const [hanging, beside] = [
      run(held, "main() { sleep 1000; }", [], { timeout: 300 }),
      run(held, "main() { sleep 1000; }"),
    ];
    beside.catch(() => undefined);
    await expect(hanging).rejects.toMatchObject({ detail: { code: "exec-timed-out", seconds: 0.3 } });
    await expect(beside).rejects.toMatchObject({ detail: { code: "shell-ended", host: "gpu" } });
    expect((await run(held, "main() { echo next; }")).output.toString()).toBe("next\n");
    expect(opened).toHaveLength(2);
    expect(await opened[0]?.process.ended).toMatchObject({ signal: "TERM" });
  });

  it("that are late are asked to end where the shell must stay", async () => {
    const held = holdShell(shell, false);
    const seconds = String(1000 + Math.random());
    const hanging = run(held, 'main() { exec sleep "$1"; }', [seconds], { timeout: 500 });
    await expect(hanging).rejects.toMatchObject({ detail: { code: "exec-timed-out" } });
    await until("it is gone", async () => (await processesNaming(seconds)).length === 0);
    expect((await run(held, "main() { echo next; }")).output.toString()).toBe("next\n");
    expect(opened).toHaveLength(1);
  });

  it("keep partial output after a timeout, on request", async () => {
    const held = holdShell(shell);
    const script = `main() { head -c 50000 /dev/zero; sleep 1000; }`;
    const { output, truncated } = await run(held, script, [], { timeout: 1_500, keepPartial: true });
    expect(truncated).toBe(true);
    expect(output.length).toBeGreaterThan(40_000);
    expect(output.every((byte) => byte === 0)).toBe(true);
  });

  it("are told when the shell is killed under them", async () => {
    const held = holdShell(shell);
    await run(held, "main() { :; }");
    const open = [run(held, "main() { sleep 1000; }"), run(held, 'main() { kill -KILL "$$"; sleep 1000; }')];
    for (const one of open) await expect(one).rejects.toMatchObject({ detail: { code: "shell-ended" } });
    expect((await run(held, "main() { echo next; }")).output.toString()).toBe("next\n");
  });

  it("stop when they are cancelled", async () => {
    const held = holdShell(shell);
    const stop = new AbortController();
    const running = run(held, "main() { sleep 1000; }", [], { signal: stop.signal });
    await until("it runs", () => opened.length === 1 && childrenOf(opened[0] as LocalShell).length > 0);
    stop.abort();
    await expect(running).rejects.toBeInstanceOf(Cancelled);
    await opened[0]?.process.ended;
  });

  it("report their status, also after exit or a signal", async () => {
    const held = holdShell(shell);
    expect(await run(held, "main() { echo half; exit 3; }")).toMatchObject({
      output: Buffer.from("half\n"),
      code: 3,
    });
    expect(await run(held, `main() { sh -c 'kill -KILL "$PPID"'; echo not reached; }`)).toMatchObject({
      output: Buffer.alloc(0),
      code: 137,
    });
    expect((await run(held, "main() { echo next; }")).output.toString()).toBe("next\n");
  });

  it("run not at all when they are cut short", async () => {
    const texts: Buffer[] = [];
    const open = (input: Buffer) => {
      texts.push(input);
      return Promise.reject(new Cancelled());
    };
    const recorder = createHeldShell({ host: "gpu", open, isReplaceable: true });
    await run(recorder, "main() { echo ran >&2; }").catch(() => undefined);
    const [whole = Buffer.alloc(0)] = texts;
    const begin = whole.lastIndexOf("jobs >");
    for (let length = begin; length < whole.length - 1; length += 17) {
      const local = startLocalShell(shell, whole.subarray(0, length));
      local.child.stdin.end();
      let said = "";
      local.child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      local.child.stdout.resume();
      await local.process.ended;
      expect(said).not.toContain("ran");
    }
  });
});

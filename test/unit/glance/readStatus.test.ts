import { describe, expect, it } from "vitest";
import { readStatus } from "../../../src/glance/readStatus.js";
import { isBusy } from "../../../src/glance/status.js";

type Said = Readonly<Record<string, string | readonly [went: string, said: string]>>;

/** As `status.sh` prints it. */
function printed(answers: Said): Buffer {
  const fields = Object.entries(answers).flatMap(([name, answer]) =>
    typeof answer === "string" ? [name, "ok", answer] : [name, ...answer],
  );
  return Buffer.from(fields.map((field) => `${field}\0`).join(""), "latin1");
}
const read = (answers: Said) => readStatus(printed(answers));

const meminfo = "MemTotal:       1000 kB\nMemFree:  100 kB\nMemAvailable:    400 kB\n";

describe("the state of a host", () => {
  it("is read from what Linux says", () => {
    const status = read({
      name: "gpu01",
      system: "Linux",
      time: "1700000000",
      cores: "16\n",
      load: "3.10 2.00 1.50 4/890 16009",
      meminfo,
      disk0:
        "Filesystem 1024-blocks Used Available Capacity Mounted on\nnas:/my data 1000 250 700 27% /my data",
    });
    expect(status).toMatchObject({
      name: "gpu01",
      system: "Linux",
      cores: 16,
      coreLimit: undefined,
      load: [3.1, 2, 1.5],
      memory: { total: 1_024_000, available: 409_600, isLimit: false },
      disks: [{ space: { total: 1_024_000, available: 716_800 }, isLate: false }],
      gpus: [],
      gpuTrouble: [],
    });
  });

  it("is read from what macOS says", () => {
    const status = read({
      load: "{ 1,20 1.30 1.40 }",
      memsize: "8192000",
      vm_stat:
        "Mach Virtual Memory Statistics: (page size of 4096 bytes)\nPages free:   500.\nPages active: 900.\nPages inactive:  250.\nPages speculative: 250.",
    });
    expect(status.load).toEqual([1.2, 1.3, 1.4]);
    expect(status.memory).toEqual({ total: 8_192_000, available: 4_096_000, isLimit: false });
  });

  it("uses the tightest limit of the control groups", () => {
    const limits =
      "memory max 900 0\nmemory 512000 300000 100000\ncpu max 100000\ncpu 250000 100000\ncpu -1 100000";
    const status = read({ cores: "16", meminfo, limits });
    expect(status.memory).toEqual({ total: 512_000, available: 312_000, isLimit: true });
    expect(status.coreLimit).toBe(2.5);
    const none = read({ cores: "2", meminfo, limits: "memory 9223372036854771712 5 0\ncpu 400000 100000" });
    expect(none.memory?.isLimit).toBe(false);
    expect(none.coreLimit).toBeUndefined();
  });

  it("tells the GPUs of NVIDIA, and whose processes are on them", () => {
    const status = read({
      time: "1700000000",
      nvidia: [
        "0, GPU-a, 93, 30000, 40960, 64, NVIDIA A100, 40GB",
        "1, GPU-b, 0, 4, 40960, 31, NVIDIA A100",
        "2, GPU-c, [N/A], [Not Supported], [N/A], [Unknown Error], Old",
      ].join("\n"),
      "nvidia-processes":
        "GPU-a, 41, 29000, /usr/bin/python, really\nMIG-x, 42, [N/A], python\nGPU-a, -1, 1, x",
      processes: "   41     1  2-03:04:05 ada      python3\n   43     1     00:07 bob x y",
    });
    expect(status.gpus).toEqual([
      {
        index: "0",
        name: "NVIDIA A100, 40GB",
        use: 93,
        memory: { used: 30_000 * 2 ** 20, total: 40_960 * 2 ** 20 },
        temperature: 64,
        processes: [{ pid: 41, name: "python3", memory: 29_000 * 2 ** 20, user: "ada" }],
      },
      expect.objectContaining({ index: "1", use: 0, processes: [] }),
      expect.objectContaining({ index: "2", use: undefined, memory: undefined, temperature: undefined }),
    ]);
    expect(status.otherGpuProcesses).toEqual([
      { pid: 42, name: "python", memory: undefined, user: undefined },
    ]);
    expect(status.processes.get(41)).toEqual({
      parent: 1,
      user: "ada",
      name: "python3",
      beganAt: 1_700_000_000 - (((2 * 24 + 3) * 60 + 4) * 60 + 5),
    });
    expect(status.gpus.map(isBusy)).toEqual([true, false, false]);
  });

  it("has AMD GPUs", () => {
    const rocm = `WARNING: something\n${JSON.stringify({
      card0: {
        "GPU use (%)": "7",
        "VRAM Total Memory (B)": "1000",
        "VRAM Total Used Memory (B)": "900",
        "Temperature (Sensor edge) (C)": "38.0",
        "Card Series": "Instinct MI210",
      },
      card1: "none",
      system: { PID77: "python3, 1, 4096, 0, 0" },
    })}`;
    const status = read({ rocm, processes: "77 1 00:01 bob python3" });
    expect(status.gpus).toEqual([
      {
        index: "0",
        name: "Instinct MI210",
        use: 7,
        memory: { used: 900, total: 1000 },
        temperature: 38,
        processes: [],
      },
    ]);
    expect(status.otherGpuProcesses).toEqual([{ pid: 77, name: "python3", memory: 4096, user: "bob" }]);
  });

  it("reports a tool that timed out, or its error", () => {
    const failed = "NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.\n\n";
    expect(read({ nvidia: failed }).gpuTrouble).toEqual([
      { tool: "nvidia-smi", kind: "failed", said: failed.trim() },
    ]);
    const hanging = read({ nvidia: ["stuck 123", ""], rocm: ["late", ""], disk0: ["stuck 9", ""] });
    expect(hanging.gpuTrouble.map(({ tool, kind }) => [tool, kind])).toEqual([
      ["nvidia-smi", "late"],
      ["rocm-smi", "late"],
    ]);
    expect(hanging.disks).toEqual([{ space: undefined, isLate: true }]);
    expect(hanging.stuck).toBe("nvidia=123 disk0=9");
    expect(read({ "nvidia-processes": ["stuck 5", ""] }).stuck).toBe("nvidia=5");
    expect(read({ nvidia: ["missing", ""] }).gpuTrouble).toEqual([]);
  });

  it("of a hostile host is small, and has numbers that make sense", () => {
    const many = Array.from({ length: 100_000 }, (_, index) => `${index}, G, 1e9, -5, 9e99, 5000, n`).join(
      "\n",
    );
    const apps = "G, 1, 1, x\n".repeat(100_000);
    const status = read({
      name: "n".repeat(100_000),
      cores: "-3",
      load: "nan inf 1",
      meminfo: "MemTotal: 0 kB\nMemAvailable: 99 kB",
      limits: "memory 0 1 2\nmemory 5 9 9\ncpu 0 0\ncpu 1 0",
      disk0: "x 0 0 0 0% /",
      disk1: "\xff\xfe\x1b[2J",
      nvidia: many,
      "nvidia-processes": apps,
      rocm: `{"card0":[[[[`,
      processes: "1 1 00:00 \x1b[31m x\n".repeat(100_000),
      "stuck; rm -rf /": ["stuck 1", ""],
      vm_stat: ["stuck 1; x", ""],
    });
    expect(status.name).toHaveLength(255);
    expect(status).toMatchObject({ cores: undefined, coreLimit: undefined, load: undefined, stuck: "" });
    expect(status.memory).toEqual({ total: 5, available: 5, isLimit: true });
    expect(status.disks.map(({ space }) => space)).toEqual([undefined, undefined]);
    expect(status.gpus).toHaveLength(64);
    expect(status.gpus[0]).toMatchObject({ use: undefined, memory: undefined, temperature: undefined });
    expect(status.gpus[0]?.processes.length).toBeLessThanOrEqual(256);
    expect(status.isShortened).toBe(true);
  });

  it("is partial if the answer is truncated or missing", () => {
    const whole = printed({ name: "gpu01", cores: "4", meminfo });
    for (let length = 0; length <= whole.length; length += 1) readStatus(whole.subarray(0, length));
    expect(readStatus(whole.subarray(0, whole.length - 3))).toMatchObject({ cores: 4, memory: undefined });
    expect(readStatus(Buffer.alloc(100_000)).cores).toBeUndefined();
    expect(readStatus(Buffer.from("no answer")).load).toBeUndefined();
  });
});

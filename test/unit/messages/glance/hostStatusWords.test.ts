import { describe, expect, it } from "vitest";
import { sizeText } from "../../../../src/common/text/sizeText.js";
import type { Gpu, HostStatus } from "../../../../src/glance/status.js";
import {
  busyText,
  gpuCells,
  gpuNotes,
  machineFacts,
} from "../../../../src/messages/glance/hostStatusWords.js";

const gpu: Gpu = {
  index: "0",
  name: "A100",
  use: 0,
  memory: { total: 40 * 1024 ** 3, used: 0 },
  temperature: 30.4,
  processes: [],
};
const status: HostStatus = {
  name: "gpu",
  system: "Linux",
  cores: 8,
  coreLimit: undefined,
  load: [9.96, 10.4, 0.04],
  memory: undefined,
  disks: [],
  gpus: [],
  otherGpuProcesses: [],
  isShortened: false,
  gpuTrouble: [],
  processes: new Map(),
  stuck: "",
};

describe("the status of a host, in words", () => {
  it("counts busy GPUs, and is empty if nothing is known", () => {
    const used = { ...gpu, use: 100 };
    expect(busyText({ ...status, gpus: [gpu, used] })).toBe("1 of 2 GPUs busy · load 10");
    expect(busyText({ ...status, load: undefined })).toBe("");
  });

  it("distinguishes a disk that hangs from an unknown one", () => {
    const disks = [
      { space: undefined, isLate: true },
      { space: undefined, isLate: false },
      { space: { total: 100 * 1024 ** 3, available: 1024 ** 3 }, isLate: false },
    ];
    const facts = machineFacts({ ...status, disks }, ["/data"]);
    expect(facts.slice(2).map(({ value }) => value)).toEqual([
      "did not answer in time",
      "unknown",
      expect.stringMatching(/^1(\.0)? GiB of 100 GiB free$/),
    ]);
    expect(facts[2]?.label).toBe("Disk of /data");
  });

  it("says what a control group allows", () => {
    const facts = machineFacts(
      { ...status, coreLimit: 1.5, memory: { total: 2 ** 30, available: 0, isLimit: true } },
      [],
    );
    expect(facts[0]?.label).toBe("Load (1, 5 and 15 min)");
    expect(facts[0]?.value).toBe("10, 10, 0 on 8 cores, of which 1.5 may be used");
    expect(facts[1]?.value).toBe(`${sizeText(2 ** 30)} of the allowed ${sizeText(2 ** 30)} used`);
  });

  it("sanitizes names of GPUs, processes and accounts", () => {
    const processes = [{ pid: 7, name: "python\u001b[2J", memory: undefined, user: undefined }];
    const cells = gpuCells({ ...gpu, name: "A\u202e100", use: undefined, processes });
    expect(cells).toEqual([
      "0",
      "A\\u{202e}100",
      "unknown",
      expect.any(String),
      "30\u00a0°C",
      "unknown account (python\\x1b[2J 7)",
    ]);
  });

  it("keeps the number of a process apart from its memory", () => {
    const processes = [{ pid: 7, name: "python", memory: 2 ** 30, user: "ada" }];
    expect(gpuCells({ ...gpu, processes }).at(-1)).toBe(`ada (python 7, ${sizeText(2 ** 30)})`);
  });

  it("distinguishes a missing tool, one that hangs and one that fails", () => {
    expect(gpuNotes(status)).toEqual(["No GPU: nvidia-smi and rocm-smi are missing."]);
    const trouble = { ...status, gpuTrouble: [{ tool: "nvidia-smi", kind: "late", said: "" }] } as HostStatus;
    expect(gpuNotes(trouble)).toEqual(["nvidia-smi did not answer in time."]);
    const failed = {
      ...status,
      gpuTrouble: [{ tool: "rocm-smi", kind: "failed", said: "no\ndriver" }],
    } as HostStatus;
    expect(gpuNotes(failed)).toEqual(["rocm-smi reports no GPU: no\\x0adriver"]);
  });
});

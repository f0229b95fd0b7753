import { describe, expect, it } from "vitest";
import { readFacts } from "../../../../src/slurm/answers/readFacts.js";

describe("readFacts", () => {
  it("reads where Slurm is, and what it has", () => {
    const text = [
      "bin /opt/slurm/bin",
      "conf /opt/slurm/etc/slurm.conf",
      "version slurm-wlm 22.05.8",
      "overlap yes",
      "answers yes",
      "partition debug*|up|1:00:00|2|(null)",
      "partition gpu|up|infinite|3|gpu:a100:4",
      "partition gpu|up|infinite|1|gpu:h100:8",
      "partition $(id)|up|infinite|1|",
      "account physics|normal,high",
      "account physics|normal",
    ].join("\n");
    expect(readFacts(text)).toEqual({
      place: { bin: "/opt/slurm/bin", configuration: "/opt/slurm/etc/slurm.conf" },
      facts: {
        kind: "present",
        version: "22.05.8",
        hasOverlap: true,
        isAnswering: true,
        partitions: [
          { name: "debug", isDefault: true, isUp: true, mostMinutes: 60, nodes: 2, gres: "" },
          {
            name: "gpu",
            isDefault: false,
            isUp: true,
            mostMinutes: undefined,
            nodes: 4,
            gres: "gpu:a100:4,gpu:h100:8",
          },
        ],
        accounts: ["physics"],
        qos: ["normal", "high"],
      },
    });
  });

  it.each(["absent", "", "bin relative", "bin /a\u0007b", "bin /a:/b"])("finds none in %j", (text) => {
    expect(readFacts(text)).toEqual({ place: undefined, facts: { kind: "absent" } });
  });
});

import { describe, expect, it } from "vitest";
import { neverStarts, reasonText } from "../../../../src/messages/slurm/queueReasons.js";

describe("why a job waits", () => {
  it.each([
    ["Resources", "no node has enough free CPUs, memory or GPUs yet"],
    ["Priority", "jobs with a higher priority come first"],
    ["Dependency", "it waits for another job to end"],
    ["BeginTime", "it may not begin yet"],
    ["None", "it is being placed"],
    ["", "it is being placed"],
    ["Licenses", "it waits for a free license"],
    ["(ReqNodeNotAvail, UnavailableNodes:node[1-2])", "nodes that it needs are down or reserved"],
    ["PartitionDown", "its partition is closed now"],
    ["QOSMaxJobsPerUserLimit", "you already run as many jobs as the QOS allows"],
    ["QOSMaxGRESPerUser", "your jobs use all that the QOS gives to one user"],
    ["QOSMaxCpuPerUserLimit", "your jobs use all that the QOS gives to one user"],
    ["QOSGrpCpuLimit", "all jobs of its QOS together use what they may"],
    ["AssocMaxJobsLimit", "you already run as many jobs as your account allows"],
    ["AssociationJobLimit", "you already run as many jobs as your account allows"],
    ["AssocGrpGRES", "all jobs of your account together use what they may"],
  ])("%s", (reason, words) => {
    expect(reasonText(reason)).toBe(words);
    expect(neverStarts(reason, "7")).toBeUndefined();
  });

  it("quotes an unknown reason, sanitized", () => {
    expect(reasonText("FrontEndDown")).toBe("Slurm says: FrontEndDown");
    expect(reasonText("Odd\u001b[31m [x](command:y)")).toBe("Slurm says: Odd\\x1b[31m [x] (command:y)");
  });
});

describe("a job that never starts on its own", () => {
  it.each([
    "JobHeldUser",
    "JobHeldAdmin",
    "PartitionTimeLimit",
    "PartitionNodeLimit",
    "DependencyNeverSatisfied",
    "BadConstraints",
    "InvalidAccount",
    "AccountNotAllowed",
    "InvalidQOS",
    "QOSNotAllowed",
    "ReservationDeleted",
    "QOSMaxWallDurationPerJobLimit",
    "AssocMaxWallDurationPerJobLimit",
    "QOSMaxGRESPerJob",
    "QOSMinMemory",
    "launch failed requeued held",
  ])("because of %s is reported with advice", (reason) => {
    const said = neverStarts(reason, "7");
    expect(said?.message).toMatch(/\.$|: \w+$/);
    expect(said?.advice).toMatch(/\.$/);
  });

  it("has its id in the suggested command", () => {
    expect(neverStarts("JobHeldUser", "1234")?.advice).toContain("scontrol release 1234");
  });
});

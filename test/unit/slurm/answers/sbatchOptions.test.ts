import { describe, expect, it } from "vitest";
import { isSlurmFailure } from "../../../../src/slurm/model/failures.js";
import { sbatchOptions, splitWords } from "../../../../src/slurm/answers/sbatchOptions.js";

const key = "0a1b2c3d";

describe("sbatchOptions", () => {
  it("always has a time limit, our name and our key, and asks for no GPU by itself", () => {
    expect(sbatchOptions({ minutes: 5 }, key)).toEqual([
      ...["--time=5", "--parsable", "--no-requeue", "--nodes=1", "--ntasks=1", "--job-name=runicorn-remote"],
      ...["--comment=runicorn-remote:0a1b2c3d", "--output=/dev/null", "--error=/dev/null"],
    ]);
  });

  it("puts what was asked for before ours", () => {
    const request = {
      minutes: 5,
      partition: "gpu",
      account: "a",
      qos: "q",
      cpus: 2,
      memory: 512,
      gpus: "a100:2",
    };
    expect(
      sbatchOptions({ ...request, options: "-C 'big mem' --nice --exclude=n1" }, key).slice(0, 9),
    ).toEqual([
      ...["-Cbig mem", "--nice", "--exclude=n1", "--partition=gpu", "--account=a", "--qos=q"],
      ...["--gres=gpu:a100:2", "--cpus-per-task=2", "--mem=512M"],
    ]);
  });

  it.each([
    "--array=1-9",
    "--arr 1",
    "-a1",
    "--wrap=id",
    "--wr id",
    "-Jx",
    "-QJx",
    "--requeue",
    "-t 5",
    "--tim=5",
    "-N2",
    "--w=x",
  ])("does not take %s", (options) => {
    expect(() => sbatchOptions({ minutes: 5, options }, key)).toThrow(
      expect.objectContaining({
        detail: expect.objectContaining({ code: "job-option-not-allowed" }) as object,
      }),
    );
  });

  it.each(["evil.sh", "--nice=1 evil.sh", "-Cx evil.sh", "--", "-", "--gres='x", "--x\n", "-C \\"])(
    "leaves nothing that could be the name of a script: %j",
    (options) => {
      let caught: unknown;
      try {
        sbatchOptions({ minutes: 5, options }, key);
      } catch (error) {
        caught = error;
      }
      expect(isSlurmFailure(caught, "job-request-invalid")).toBe(true);
    },
  );

  it.each([
    [{ minutes: 0 }],
    [{ minutes: 1.5 }],
    [{ minutes: 5, partition: "a b" }],
    [{ minutes: 5, gpus: "1 --wrap=x" }],
    [{ minutes: 5, cpus: -1 }],
    [{ minutes: 5, memory: 2 ** 31 }],
  ])("refuses %j", (request) => {
    expect(() => sbatchOptions(request, key)).toThrow("job-request-invalid");
  });
});

describe("splitWords", () => {
  it.each([
    ["", []],
    ["  a  b ", ["a", "b"]],
    [`--x='a b' "c 'd" e\\ f ''`, ["--x=a b", "c 'd", "e f", ""]],
    ["$(id) `id` *", ["$(id)", "`id`", "*"]],
  ])("splits %j", (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });
});

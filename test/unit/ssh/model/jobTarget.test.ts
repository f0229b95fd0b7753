import { describe, expect, it } from "vitest";
import { jobOf, jobTarget } from "../../../../src/ssh/model/jobTarget.js";
import { isTarget } from "../../../../src/ssh/model/target.js";
import { isKeptTarget } from "../../../../src/ssh/model/thisMachine.js";

describe("a job as a target", () => {
  it.each([{ host: "login" }, { host: "login", user: "ada" }, { host: "10.0.0.1", user: "ada", port: 2222 }])(
    "leads back to its login node: %j",
    (login) => {
      const target = jobTarget({ login, jobId: "4711" });
      expect(target.host).toBe(`job 4711 on ${login.host}`);
      expect(jobOf(target)).toEqual({ login, jobId: "4711" });
      expect(isTarget(target)).toBe(false);
      expect(isKeptTarget(target)).toBe(true);
    },
  );

  it.each([
    "login",
    "job 4711",
    "job 0 on login",
    "job 1 on -oProxyCommand=x",
    "job 1 on a b",
    "job x on login",
  ])("is not %j", (host) => {
    expect(jobOf({ host })).toBeUndefined();
  });

  it("accepts no invalid job id", () => {
    expect(() => jobTarget({ login: { host: "a" }, jobId: "1; id" })).toThrow(RangeError);
  });
});

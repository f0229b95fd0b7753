import { describe, expect, expectTypeOf, it } from "vitest";
import { Cancelled, Failure, failureGuard } from "../../../src/common/failure.js";
import type { EnvironmentFailure } from "../../../src/environments/failures.js";
import type { ApiFailure } from "../../../src/api/model/failures.js";
import type { FilesFailure } from "../../../src/files/failures.js";
import type { RelayFailure } from "../../../src/relay/protocol/failures.js";
import type { ServerFailure } from "../../../src/messages/describeLocalFailure.js";
import type { SshFailure } from "../../../src/ssh/model/failures.js";
import type { SyncFailure } from "../../../src/sync/failures.js";
import type { TunnelFailure } from "../../../src/tunnel/failures.js";
import type { ViewerFailure } from "../../../src/viewer/failures.js";

type TeaFailure =
  | { readonly code: "water-cold"; readonly degrees: number }
  | { readonly code: "cup-missing"; readonly shelf: string }
  | { readonly code: "leaves-old"; readonly shelf: string; readonly years: number };

const isTeaFailure = failureGuard<TeaFailure>();
const cold: unknown = new Failure<TeaFailure>({ code: "water-cold", degrees: 40 });
const old: unknown = new Failure<TeaFailure>({ code: "leaves-old", shelf: "upper", years: 3 });

describe("a guard of failures", () => {
  it("is true of a failure with the code", () => {
    expect(isTeaFailure(cold, "water-cold")).toBe(true);
    expect(isTeaFailure(cold, "cup-missing")).toBe(false);
  });

  it("is true of a failure with any of several codes", () => {
    expect(isTeaFailure(cold, "cup-missing", "water-cold")).toBe(true);
    expect(isTeaFailure(cold, "cup-missing", "leaves-old")).toBe(false);
  });

  it.each([
    ["an error with the code as its message", new Error("water-cold")],
    ["an error with a code, as Node's have", Object.assign(new Error(), { code: "water-cold" })],
    ["a cancellation", new Cancelled()],
    ["a failure's detail alone", { code: "water-cold", degrees: 40 }],
    ["what only looks like a failure", { name: "Failure", detail: { code: "water-cold", degrees: 40 } }],
    ["a text", "water-cold"],
    ["null", null],
    ["nothing", undefined],
  ])("is false of %s", (_what, thrown) => {
    expect(isTeaFailure(thrown, "water-cold")).toBe(false);
  });

  it("narrows to the fields of the code", () => {
    if (!isTeaFailure(cold, "water-cold")) throw cold;
    expectTypeOf(cold.detail).toEqualTypeOf<{ readonly code: "water-cold"; readonly degrees: number }>();
    expect(cold.detail.degrees).toBe(40);
    // @ts-expect-error a field of another code
    expect(cold.detail.shelf).toBeUndefined();
  });

  it("narrows to the fields that several codes share", () => {
    if (!isTeaFailure(old, "cup-missing", "leaves-old")) throw old;
    expectTypeOf(old.detail.code).toEqualTypeOf<"cup-missing" | "leaves-old">();
    expect(old.detail.shelf).toBe("upper");
    // @ts-expect-error only one of the codes has it
    expect(old.detail.years).toBe(3);
  });

  it("takes codes from a list, and does not compile with one that the union lacks, or with none", () => {
    const kitchen = ["cup-missing", "leaves-old"] as const;
    expect(isTeaFailure(old, ...kitchen)).toBe(true);
    // @ts-expect-error a slip of the pen
    expect(isTeaFailure(cold, "water-colt")).toBe(false);
    // @ts-expect-error a slip of the pen beside a code that there is
    expect(isTeaFailure(cold, "water-cold", "cup-mising")).toBe(true);
    // @ts-expect-error not this room's
    expect(isTeaFailure(cold, "connection-lost" satisfies SshFailure["code"])).toBe(false);
    // @ts-expect-error no code
    expect(isTeaFailure(cold)).toBe(false);
  });
});

describe("instanceof", () => {
  it("narrows to a failure whose detail has a code and no more", () => {
    if (!(cold instanceof Failure)) throw cold;
    expectTypeOf(cold).toEqualTypeOf<Failure>();
    // @ts-expect-error nobody has looked at the code
    expect(cold.detail.degrees).toBe(40);
  });

  it("leaves a failure as narrow as it was", () => {
    const thrown = new Failure<TeaFailure>({ code: "water-cold", degrees: 40 }) as
      Failure<TeaFailure> | string;
    if (!(thrown instanceof Failure)) throw new Error(thrown);
    expectTypeOf(thrown).toEqualTypeOf<Failure<TeaFailure>>();
  });
});

/** The codes that stand in more than one of the unions. */
type SharedCodes<Unions extends readonly { readonly code: string }[]> = Unions extends readonly [
  infer First extends { readonly code: string },
  ...infer Others extends readonly { readonly code: string }[],
]
  ? (First["code"] & Others[number]["code"]) | SharedCodes<Others>
  : never;

describe("the unions of failures", () => {
  it("share no code, so that a code alone tells which fields there are", () => {
    expectTypeOf<SharedCodes<[TeaFailure, SshFailure, TeaFailure]>>().toEqualTypeOf<TeaFailure["code"]>();
    expectTypeOf<
      SharedCodes<
        [
          SshFailure,
          TunnelFailure,
          EnvironmentFailure,
          FilesFailure,
          ViewerFailure,
          SyncFailure,
          RelayFailure,
          ServerFailure,
          ApiFailure,
        ]
      >
    >().toBeNever();
  });
});

import { createHmac } from "node:crypto";
import { sameBytes } from "../../common/text/sameBytes.js";

/*
 * Cookies know no ports: a browser sends those of one local port to all others too. Their names tell whose they are, and
 * none of ours goes on to a host.
 */

const prefix = "runicorn-guard-";

/** The cookie with which a browser enters one local port. */
export interface EntryCookie {
  /** Whether a `Cookie` header has it. */
  isIn(header: string | undefined): boolean;
  /** `Set-Cookie` headers that hand it out: to a tab of a browser, or to a frame inside another page. */
  headersFor(place: "tab" | "frame"): readonly string[];
}

/** @param key a secret of this machine: whoever has it can make the cookie. */
export function createEntryCookie(key: Buffer, port: number): EntryCookie {
  const name = `${prefix}${port}`;
  const value = createHmac("sha256", key).update(`cookie of port ${port}`).digest("base64url");
  const expected = Buffer.from(value);
  const plain = `${name}=${value}; Path=/; HttpOnly; SameSite=Strict`;
  // In a frame of another site it is a third party's, which browsers keep apart for each page around it (CHIPS). The last
  // is for those that do not; each is dropped where it does not fit.
  const inFrame = [
    plain,
    `${name}=${value}; Path=/; HttpOnly; SameSite=None; Secure; Partitioned`,
    `${name}-frame=${value}; Path=/; HttpOnly; SameSite=None; Secure`,
  ];
  return {
    isIn: (header) =>
      cookiesOf(header).some(
        (one) =>
          (one.name === name || one.name === `${name}-frame`) && sameBytes(Buffer.from(one.value), expected),
      ),
    headersFor: (place) => (place === "tab" ? [plain] : inFrame),
  };
}

/** A `Cookie` header without the cookies of any guard; undefined where nothing is left. */
export function withoutOurs(header: string): string | undefined {
  const others = cookiesOf(header).filter(({ name }) => !name.startsWith(prefix));
  return others.length === 0 ? undefined : others.map(({ whole }) => whole).join("; ");
}

/** Whether a `Set-Cookie` header of a host would put a cookie in place of one of ours. */
export function setsOneOfOurs(header: string): boolean {
  return header.trimStart().startsWith(prefix);
}

function cookiesOf(header = "") {
  return header
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((whole) => {
      const at = whole.indexOf("=");
      return at < 0
        ? { whole, name: "", value: whole }
        : { whole, name: whole.slice(0, at).trim(), value: whole.slice(at + 1).trim() };
    });
}

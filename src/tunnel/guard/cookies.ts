import { createHmac } from "node:crypto";
import { sameBytes } from "../../common/text/sameBytes.js";

/*
 * Cookies are not scoped to a port (RFC 6265, section 8.5): a browser sends those of one local port, and of any other
 * program on this machine, to all of them. So no cookie is forwarded to a host, and none from a host: Runicorn (0.6,
 * 0.7) uses none.
 */

/** The cookie with which a browser enters one local port. */
export interface EntryCookie {
  /** Whether a `Cookie` header has it. */
  isIn(header: string | undefined): boolean;
  /** `Set-Cookie` headers that hand it out: to a tab of a browser, or to a frame inside another page. */
  headersFor(place: "tab" | "frame"): readonly string[];
}

/** @param key a secret of this machine: whoever has it can make the cookie. */
export function createEntryCookie(key: Buffer, port: number): EntryCookie {
  const name = `runicorn-guard-${port}`;
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

function cookiesOf(header = "") {
  return header
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((whole) => {
      const at = whole.indexOf("=");
      return at < 0
        ? { name: "", value: whole }
        : { name: whole.slice(0, at).trim(), value: whole.slice(at + 1).trim() };
    });
}

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureProgram } from "../packages.js";

/** What a TLS server shows. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** An authority of the test's own, made with OpenSSL. */
export interface Authority {
  /** Its certificate, PEM. */
  readonly file: string;
  /** @param name as in subjectAltName: `IP:127.0.0.1` or `DNS:name`. @param days negative: it has expired. */
  issue(name: string, days?: number): Certificate;
}

export function createAuthority(folder: string): Authority {
  const program = ensureProgram("openssl", "openssl");
  const openssl = (...args: string[]): void =>
    void execFileSync(program, args, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-subj",
    "/CN=test",
    "-days",
    "2",
  );
  let count = 0;
  return {
    file: join(folder, "ca.pem"),
    issue: (name, days = 2) => {
      count += 1;
      const [key, request, cert, extension] = ["key", "csr", "pem", "ext"].map(
        (end) => `${count}.${end}`,
      ) as [string, string, string, string];
      writeFileSync(join(folder, extension), `subjectAltName=${name}\n`);
      openssl("req", ...newKey, "-keyout", key, "-out", request, "-subj", "/CN=main");
      const from = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", extension];
      openssl("x509", "-req", "-in", request, "-out", cert, ...from, "-days", String(days));
      const read = (file: string): string => readFileSync(join(folder, file), "utf8");
      return { key: read(key), cert: read(cert) };
    },
  };
}

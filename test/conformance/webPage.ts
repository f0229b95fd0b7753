import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { Hono, type HttpBindings } from "../../src/api/http/webFramework.js";
import { ensureRunicorn } from "../support/runicorn/install.js";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".ico": "image/x-icon",
};

/** Runicorn's own web page, as the pip package has it, to be served beside our API. */
export async function webPage(version: string): Promise<Hono<{ Bindings: HttpBindings }>> {
  const folder = join(await ensureRunicorn(version), "runicorn", "webui");
  const page = new Hono<{ Bindings: HttpBindings }>();
  page.get("*", async (context, next) => {
    const path = new URL(context.req.url).pathname;
    if (path.startsWith("/api/")) return next();
    const file = extname(path) === "" ? "index.html" : normalize(path);
    const bytes = await readFile(join(folder, file));
    return context.body(new Uint8Array(bytes), 200, {
      "Content-Type": types[extname(file)] ?? "application/octet-stream",
    });
  });
  return page;
}

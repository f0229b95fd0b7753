import { expect, it } from "vitest";
import { openGuardedPort } from "../../support/guardedPort.js";

it("cached responses are revalidated only with ETags of this viewer, never of another one", async () => {
  const port = await openGuardedPort((incoming, response) => {
    const isKnown = incoming.headers["if-none-match"] === '"x"';
    response.writeHead(isKnown ? 304 : 200, { ETag: '"x"', "Cache-Control": "max-age=31536000, immutable" });
    response.end();
  });
  try {
    const first = await fetch(port.url);
    expect(first.headers.get("cache-control")).toBe("no-cache");
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^".{12}\.x"$/);
    const status = async (tag: string) =>
      (await fetch(port.url, { headers: { "If-None-Match": tag } })).status;
    expect(await status(etag)).toBe(304);
    expect(await status('"x"')).toBe(200);
  } finally {
    await port.dispose();
  }
});

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askViewer, type ViewerAnswer } from "../../../src/viewer/askViewer.js";

/** What the viewer of the next question does. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const viewer = createServer((request, response) => answer(request, response));
beforeAll(async () => {
  viewer.listen(0, "127.0.0.1");
  await once(viewer, "listening");
});
afterAll(() => {
  viewer.closeAllConnections();
  viewer.close();
});

const ask = (signal?: AbortSignal): Promise<ViewerAnswer> => {
  const { port } = viewer.address() as AddressInfo;
  const tunnel = { localPort: port, ownHeaders: { "x-own": "key" } };
  return askViewer(tunnel, { method: "PATCH", path: "/api/runs/a%20b", body: { alias: "实验" } }, signal);
};

describe("a request to Runicorn's viewer", () => {
  it("is sent as JSON with our own header, and returns JSON with the status", async () => {
    answer = (request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const { method, url, headers } = request;
        const got = { method, url, own: headers["x-own"], body: Buffer.concat(pieces).toString() };
        response.writeHead(409).end(JSON.stringify(got));
      });
    };
    const body = { method: "PATCH", url: "/api/runs/a%20b", own: "key", body: '{"alias":"实验"}' };
    expect(await ask()).toEqual({ status: 409, body });
  });

  it("has no body if the response is not JSON, or endless", async () => {
    answer = (_, response) => response.end("<html>");
    expect(await ask()).toEqual({ status: 200, body: undefined });
    answer = (_, response) => {
      const more = (): void => {
        while (response.writable && response.write(" ".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    };
    expect(await ask()).toEqual({ status: 200, body: undefined });
  });

  it("follows no redirect with our header", async () => {
    answer = (request, response) => {
      if (request.url === "/stolen") throw new Error("it followed");
      response.writeHead(307, { location: "/stolen" }).end();
    };
    await expect(ask()).rejects.toThrow();
  });

  it("can be cancelled", async () => {
    const abandoned = new AbortController();
    answer = () => abandoned.abort();
    await expect(ask(abandoned.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});

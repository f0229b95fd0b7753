/** The HTTP library, bundled into a file of its own, which is loaded when the API is first served. */
export { createAdaptorServer, type HttpBindings } from "@hono/node-server";
export { type Context, Hono } from "hono";

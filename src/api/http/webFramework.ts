/** The HTTP library, which the bundler puts into a file of its own: it is read when the API is first served. */
export { createAdaptorServer, type HttpBindings } from "@hono/node-server";
export { type Context, Hono } from "hono";

/** What the two transports are made of, which the bundler puts into a file of its own: it is read when an agent starts. */
export { HttpsProxyAgent } from "https-proxy-agent";
export { io } from "socket.io-client";
export { WebSocket } from "ws";

#!/bin/sh
# ssh runs this with its question, and reads the answer: it comes from whoever started ssh, through a socket. Ends with
# status 1 where there is none.
unset NODE_OPTIONS
ELECTRON_RUN_AS_NODE=1 exec "$RUNICORN_ASKPASS_NODE" -e '
const { RUNICORN_ASKPASS_SOCKET: path, RUNICORN_ASKPASS_TOKEN: token } = process.env;
const { SSH_ASKPASS_PROMPT: hint = "" } = process.env;
const prompt = process.argv[1] ?? "";
const chunks = [];
const socket = require("node:net").connect(path);
socket.on("connect", () => socket.write(JSON.stringify({ token, hint, prompt, asker: process.ppid }) + "\n"));
socket.on("data", (chunk) => chunks.push(chunk));
socket.on("error", () => process.exit(1));
socket.on("close", () => {
  const answer = Buffer.concat(chunks).toString();
  if (!answer.endsWith("\n")) process.exit(1);
  process.stdout.write(answer);
});
' -- "$1" 2>/dev/null

import { connect } from "node:net";

/** Sends bytes on one connection; all that comes until the other side ends it, or the error. */
export async function sendBytes(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let said = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (said += chunk));
  socket.on("error", (error: NodeJS.ErrnoException) => (said += error.code));
  socket.write(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return said;
}

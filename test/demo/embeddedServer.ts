import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from "ssh2";

export interface EmbeddedServer {
  readonly port: number;
  readonly user: string;
  stop(): Promise<void>;
}

export interface EmbeddedServerOptions {
  /** Home folder of whoever logs in. */
  readonly home: string;
  /** The one public key that may log in, as in authorized_keys. */
  readonly authorizedKey: string;
  /** The server's private key. */
  readonly hostKey: string;
  readonly user: string;
}

/**
 * A small SSH server for the demo on machines without sshd: public key login, commands run by /bin/sh as the current
 * user with another HOME, and direct-tcpip forwards. The tests use the real OpenSSH server.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const authorized = ssh2.utils.parseKey(options.authorizedKey);
  if (authorized instanceof Error) throw authorized;
  const server = new ssh2.Server({ hostKeys: [options.hostKey] }, (connection) => {
    connection.on("error", () => undefined);
    connection.on("authentication", (context) =>
      authenticate(context, authorized.getPublicSSH(), options.user),
    );
    connection.on("ready", () => serve(connection, options.home));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    user: options.user,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function authenticate(context: AuthContext, authorized: Buffer, user: string): void {
  if (context.method !== "publickey" || context.username !== user || !context.key.data.equals(authorized)) {
    context.reject(["publickey"]);
    return;
  }
  if (context.signature === undefined || context.blob === undefined) {
    context.accept();
    return;
  }
  const key = ssh2.utils.parseKey(context.key.data);
  const verified =
    !(key instanceof Error) && key.verify(context.blob, context.signature, context.hashAlgo) === true;
  if (verified) context.accept();
  else context.reject(["publickey"]);
}

function serve(connection: Connection, home: string): void {
  connection.on("session", (accept) => serveSession(accept(), home));
  connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
    const socket = connect(destPort, destIP);
    socket.once("error", () => reject());
    socket.once("connect", () => {
      const channel = accept();
      socket.on("error", () => channel.destroy());
      channel.on("error", () => socket.destroy());
      socket.pipe(channel).pipe(socket);
    });
  });
}

function serveSession(session: Session, home: string): void {
  session.on("exec", (accept, _reject, { command }) => runCommand(accept(), command, home));
}

function runCommand(channel: ServerChannel, command: string, home: string): void {
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: home,
    detached: true,
    env: { HOME: home, PATH: process.env["PATH"], LANG: "C.UTF-8", SHELL: "/bin/sh" },
  });
  child.stdin.on("error", () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  channel.once("close", () => child.stdout.destroy());
  child.once("close", (code, signal) => {
    if (signal === null) channel.exit(code ?? 1);
    else channel.exit(signal.replace(/^SIG/, ""));
    channel.end();
  });
}

/** `SHA256:…` of a public key line, as `ssh-keygen -lf` prints it. */
export function fingerprintOf(publicKeyLine: string): string {
  const blob = Buffer.from(publicKeyLine.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

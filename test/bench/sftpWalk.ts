import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client, type SFTPWrapper } from "ssh2";
import type { Sshd } from "../support/sshd.js";

/** Copies files the way of Runicorn 0.4: folder by folder and file by file over SFTP, one after the other. */
export async function walkWithSftp(host: Sshd, from: string, to: string, limit: number): Promise<void> {
  const client = new Client();
  const privateKey = await readFile(host.identityFile);
  await new Promise((resolve, reject) => {
    client.on("ready", () => resolve(undefined)).on("error", reject);
    client.connect({ host: "127.0.0.1", port: host.port, username: host.user, privateKey });
  });
  client.setNoDelay(true);
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
    client.sftp((error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const readdir = promisify(sftp.readdir.bind(sftp));
  const fastGet = promisify<string, string>(sftp.fastGet.bind(sftp));
  let left = limit;
  const walk = async (path: string): Promise<void> => {
    await mkdir(join(to, path), { recursive: true });
    for (const { filename, attrs } of await readdir(join(from, path))) {
      if (left <= 0) return;
      const below = join(path, filename);
      if (attrs.isDirectory()) await walk(below);
      else {
        left -= 1;
        await fastGet(join(from, below), join(to, below));
      }
    }
  };
  await walk("");
  client.end();
}

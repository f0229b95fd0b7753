import { hostKeyOf } from "../../src/ssh/hostKeys/knownHostsFile.js";
import { createKnownHosts } from "../../src/ssh/hostKeys/knownHosts.js";

/*
 * One of several processes that change the same file: FILE NAME COUNT. Accepts a key of its own for each of COUNT hosts
 * and removes every second one again.
 */
const [file = "", name = "", count = ""] = process.argv.slice(2);
const store = createKnownHosts({ file, foreignFiles: [] });
for (let index = 0; index < Number(count); index += 1) {
  const hosts = `${name}-${index}`;
  const type = "ssh-ed25519";
  const sized = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const key = hostKeyOf(type, Buffer.concat([sized(Buffer.from(type)), sized(Buffer.alloc(32, hosts))]));
  await store.add(hosts, key);
  if (index % 2 === 1) await store.remove({ hosts, key, marker: undefined });
}

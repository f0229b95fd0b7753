import { readFileIfPresent, updateSharedFile } from "../common/sharedFile.js";
import type { SecretStore } from "../secretStore.js";

/** An entry of a client's own list of servers and connections; fields that we do not know are its business. */
export type Profile = Readonly<Record<string, unknown>>;

/** The clients' saved connections: the list in a file of the data folder, its secrets in the secret store. */
export interface Profiles {
  /** As it was saved; in the place of each secret there is `has_…: true`. */
  list(): Promise<readonly Profile[]>;
  /** A secret that is missing or null stays as it was; an empty one, or one of an entry that is gone, is forgotten. */
  replace(profiles: readonly Profile[]): Promise<void>;
  /** A secret kept for a server. */
  secretOf(
    server: { user: string; host: string; port: number },
    field: SecretField,
  ): Promise<string | undefined>;
}

export type SecretField = keyof typeof secretFields;

/** Fields that never reach the file, and what is said in their place. */
const secretFields = {
  password: "has_password",
  passphrase: "has_passphrase",
  privateKey: "has_private_key",
} as const;

/** @param file absolute path; made with mode 0600 at the first save. */
export function createProfiles(file: string, secrets: SecretStore): Profiles {
  const read = (bytes: Buffer | undefined): Profile[] => {
    const parsed: unknown = bytes === undefined ? [] : JSON.parse(bytes.toString("utf8"));
    return Array.isArray(parsed) ? parsed.filter(isProfile) : [];
  };
  const list = async (): Promise<readonly Profile[]> => read(await readFileIfPresent(file));

  return {
    list,
    replace: async (profiles) => {
      const before = await list();
      const kept: Profile[] = [];
      for (const profile of profiles) kept.push(await withoutSecrets(profile, before, secrets));
      await updateSharedFile(file, () => Buffer.from(`${JSON.stringify(kept, undefined, 2)}\n`));
      const left = new Set(kept.map(({ id }) => id));
      for (const { id } of before) {
        if (typeof id === "string" && !left.has(id)) await forget(id, secrets);
      }
    },
    secretOf: async ({ user, host, port }, field) => {
      const server = (await list()).find(
        (one) => one["host"] === host && Number(one["port"] ?? 22) === port && one["username"] === user,
      );
      const id = server?.["id"];
      return typeof id === "string" && server?.[secretFields[field]] === true
        ? secrets.get(keyOf(id, field))
        : undefined;
    },
  };
}

/** Puts an entry's secrets away. */
async function withoutSecrets(
  profile: Profile,
  before: readonly Profile[],
  secrets: SecretStore,
): Promise<Profile> {
  const { id } = profile;
  const old = before.find((one) => one["id"] === id);
  const rest: Record<string, unknown> = { ...profile };
  for (const [field, mark] of Object.entries(secretFields)) {
    const value = rest[field];
    delete rest[field];
    delete rest[mark];
    if (typeof id !== "string") continue;
    const absent = value === undefined || value === null;
    if (typeof value === "string" && value !== "") {
      await secrets.set(keyOf(id, field), value);
      rest[mark] = true;
    } else if (absent && old?.[mark] === true) rest[mark] = true;
    else if (old?.[mark] === true) await secrets.delete(keyOf(id, field));
  }
  return rest;
}

async function forget(id: string, secrets: SecretStore): Promise<void> {
  for (const field of Object.keys(secretFields)) await secrets.delete(keyOf(id, field));
}

function keyOf(id: string, field: string): string {
  return `api-profile:${id}:${field}`;
}

function isProfile(value: unknown): value is Profile {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { readFileIfPresent, updateSharedFile } from "../../common/files/sharedFile.js";
import type { SecretStore } from "../../secretStore.js";

/** An entry of a client's own list of servers and connections. Unknown fields are kept. */
export type Profile = Readonly<Record<string, unknown>>;

/** A server of that list, with its secrets. */
export interface SavedServer {
  readonly host: string;
  /** Default: 22. */
  readonly port: number;
  readonly username: string;
  readonly privateKeyPath: string | undefined;
  readonly secrets: Readonly<Partial<Record<SecretField, string>>>;
}

/** The clients' saved connections: the list is a file in the data folder, the secrets are in the secret store. */
export interface Profiles {
  /**
   * Returns the list as it was saved, with `has_…: true` in place of each secret. Servers also have `hasSaved…`, true or
   * false, for clients of 0.7.
   */
  list(): Promise<readonly Profile[]>;
  /**
   * Replaces the list. A missing secret stays unchanged; so does a null one, unless `hasSaved…` is false, as the page of 0.7
   * sends it. An empty secret, and those of removed entries, are deleted. Several windows may do so at once.
   */
  replace(profiles: readonly Profile[]): Promise<void>;
  /** The server with this id. */
  server(id: string): Promise<SavedServer | undefined>;
  /** A secret kept for a server. */
  secretOf(
    server: { user: string; host: string; port: number },
    field: SecretField,
  ): Promise<string | undefined>;
}

export type SecretField = keyof typeof secretFields;

/** Fields that are never written to the file: the mark in their place, the field for clients of 0.7, the other spelling. */
const secretFields = {
  password: { mark: "has_password", saved: "hasSavedPassword", other: undefined },
  passphrase: { mark: "has_passphrase", saved: "hasSavedPassphrase", other: undefined },
  privateKey: { mark: "has_private_key", saved: "hasSavedPrivateKey", other: "private_key" },
} as const;
const fields = Object.keys(secretFields) as SecretField[];

/** @param file absolute path; made with mode 0600 at the first save. */
export function createProfiles(file: string, secrets: SecretStore): Profiles {
  const read = (bytes: Buffer | undefined): Profile[] => {
    const parsed: unknown = bytes === undefined ? [] : JSON.parse(bytes.toString("utf8"));
    return Array.isArray(parsed) ? parsed.filter(isProfile) : [];
  };
  const load = async (): Promise<readonly Profile[]> => read(await readFileIfPresent(file));
  /** The file may outlive the secrets, as when the store is in memory. */
  const kept = async (profile: Profile | undefined, field: SecretField): Promise<string | undefined> => {
    const id = profile?.["id"];
    return typeof id === "string" && profile?.[secretFields[field].mark] === true
      ? secrets.get(keyOf({ id, field }))
      : undefined;
  };

  return {
    list: async () => {
      const profiles = await load();
      return Promise.all(
        profiles.map(async (profile) => {
          const shown: Record<string, unknown> = { ...profile };
          for (const field of fields) {
            const { mark, saved } = secretFields[field];
            const isKept = (await kept(profile, field)) !== undefined;
            if (!isKept) delete shown[mark];
            if (isServer(profile))
              shown[saved] = isKept || (field === "privateKey" && Boolean(profile["privateKeyPath"]));
          }
          return shown;
        }),
      );
    },
    replace: async (profiles) => {
      let unmarked: readonly SecretOf[] = [];
      await updateSharedFile(file, async (bytes) => {
        const before = read(bytes);
        const rest: Profile[] = [];
        for (const profile of profiles) rest.push(await withoutSecrets(profile, before, secrets));
        const left = new Set(marksOf(rest).map(keyOf));
        unmarked = marksOf(before).filter((one) => !left.has(keyOf(one)));
        return Buffer.from(`${JSON.stringify(rest, undefined, 2)}\n`);
      });
      if (unmarked.length === 0) return;
      // Only when the list is written, and not what another window has marked since.
      await updateSharedFile(file, async (bytes) => {
        const marked = new Set(marksOf(read(bytes)).map(keyOf));
        for (const one of unmarked) if (!marked.has(keyOf(one))) await secrets.delete(keyOf(one));
        return undefined;
      });
    },
    server: async (id) => {
      const profile = (await load()).find((one) => isServer(one) && one["id"] === id);
      const { host, username, privateKeyPath: path } = profile ?? {};
      if (typeof host !== "string" || typeof username !== "string") return undefined;
      const secretsOf: Partial<Record<SecretField, string>> = {};
      for (const field of fields) {
        const value = await kept(profile, field);
        if (value !== undefined) secretsOf[field] = value;
      }
      return {
        host,
        username,
        port: portOf(profile),
        privateKeyPath: typeof path === "string" && path !== "" ? path : undefined,
        secrets: secretsOf,
      };
    },
    secretOf: async ({ user, host, port }, field) => {
      const profile = (await load()).find(
        (one) => one["host"] === host && portOf(one) === port && one["username"] === user,
      );
      return kept(profile, field);
    },
  };
}

/** Moves an entry's secrets to the secret store. @returns the rest, with marks. */
async function withoutSecrets(
  profile: Profile,
  before: readonly Profile[],
  secrets: SecretStore,
): Promise<Profile> {
  const { id } = profile;
  const old = before.find((one) => one["id"] === id);
  const rest: Record<string, unknown> = { ...profile };
  for (const field of fields) {
    const { mark, saved, other } = secretFields[field];
    const value = rest[field] ?? (other && rest[other]) ?? rest[field];
    const stays = value === undefined || (value === null && rest[saved] !== false);
    for (const name of [field, other, mark, saved]) if (name !== undefined) delete rest[name];
    if (typeof id !== "string") continue;
    if (typeof value === "string" && value !== "") {
      await secrets.set(keyOf({ id, field }), value);
      rest[mark] = true;
    } else if (stays && old?.[mark] === true) rest[mark] = true;
  }
  return rest;
}

interface SecretOf {
  readonly id: string;
  readonly field: SecretField;
}

/** The secrets that entries of the file mark. */
function marksOf(profiles: readonly Profile[]): readonly SecretOf[] {
  return profiles.flatMap((profile) => {
    const { id } = profile;
    if (typeof id !== "string") return [];
    return fields
      .filter((field) => profile[secretFields[field].mark] === true)
      .map((field) => ({ id, field }));
  });
}

function keyOf({ id, field }: SecretOf): string {
  return `api-profile:${id}:${field}`;
}

function isServer({ kind }: Profile): boolean {
  return kind === "server";
}

function portOf(profile: Profile | undefined): number {
  return Number(profile?.["port"] ?? 22);
}

function isProfile(value: unknown): value is Profile {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

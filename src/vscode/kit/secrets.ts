import type * as vscode from "vscode";
import type { SecretStore } from "../../secretStore.js";

/** Passwords that a person asked us to keep, by host. Nothing else is ever stored here. */
export interface Passwords {
  get(subject: string): Promise<string | undefined>;
  keep(subject: string, password: string): Promise<void>;
  forget(subject: string): Promise<void>;
}

/** @param secrets a keyring that fails is one that holds nothing: on Linux it may be missing. */
export function passwordsIn(secrets: vscode.SecretStorage): Passwords {
  const keyOf = (subject: string): string => `password:${subject}`;
  const orNothing = async <T>(work: Thenable<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch {
      return undefined;
    }
  };
  return {
    get: (subject) => orNothing(secrets.get(keyOf(subject))),
    keep: async (subject, password) => void (await orNothing(secrets.store(keyOf(subject), password))),
    forget: async (subject) => void (await orNothing(secrets.delete(keyOf(subject)))),
  };
}

/** VS Code's secret storage as the core knows it. */
export function secretStoreIn(secrets: vscode.SecretStorage): SecretStore {
  return {
    get: async (key) => secrets.get(key),
    set: async (key, value) => secrets.store(key, value),
    delete: async (key) => secrets.delete(key),
  };
}

import type * as vscode from "vscode";
import type { SecretStore } from "../../secretStore.js";

/** Passwords that the user asked us to save, by host. Nothing else is stored here. */
export interface Passwords {
  get(subject: string): Promise<string | undefined>;
  keep(subject: string, password: string): Promise<void>;
  forget(subject: string): Promise<void>;
}

/** @param secrets a failing keyring counts as empty: on Linux there may be none. */
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

/** Adapts VS Code's secret storage. */
export function secretStoreIn(secrets: vscode.SecretStorage): SecretStore {
  return {
    get: async (key) => secrets.get(key),
    set: async (key, value) => secrets.store(key, value),
    delete: async (key) => secrets.delete(key),
  };
}

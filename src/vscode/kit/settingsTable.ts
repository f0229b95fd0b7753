/** The declaration of a setting in package.json. */
type Declared =
  | { readonly type: "boolean"; readonly default: boolean }
  | { readonly type: "string"; readonly default: string }
  | {
      readonly type: "array";
      readonly default: readonly string[];
      /** The allowed items, of which at least one is needed; default: any, or none. */
      readonly enum?: readonly string[];
    }
  | {
      readonly type: "number" | "integer";
      readonly default: number;
      readonly minimum: number;
      readonly maximum?: number;
    };

/** Every setting by its name after `runicorn.`, as in package.json (checked by test/unit/manifest.test.ts). */
export const settingsTable = {
  "api.enabled": { type: "boolean", default: false },
  "api.port": { type: "integer", default: 23_300, minimum: 1, maximum: 65_535 },
  "api.allowedOrigins": { type: "array", default: [] },
  /** MiB. */
  "sync.onDemandLimit": { type: "number", default: 2_048, minimum: 1 },
  "viewer.startAgain": { type: "boolean", default: false },
  "viewer.graceMinutes": { type: "number", default: 10, minimum: 0, maximum: 10_080 },
  "viewer.allowPortOn": { type: "array", default: [] },
  "tunnel.backends": {
    type: "array",
    default: ["openssh", "in-process"],
    enum: ["openssh", "in-process"],
  },
  "tunnel.repeatProxyCommand": { type: "array", default: [] },
  /** Seconds; 0: never. */
  "glance.rowSeconds": { type: "number", default: 30, minimum: 0, maximum: 86_400 },
  "glance.pageSeconds": { type: "number", default: 5, minimum: 1, maximum: 86_400 },
  "relay.url": { type: "string", default: "" },
  "relay.proxyId": { type: "string", default: "" },
  "relay.allowedHosts": { type: "array", default: [] },
  "relay.allowedCommands": { type: "array", default: [] },
  "relay.caFile": { type: "string", default: "" },
  "relay.allowInsecure": { type: "boolean", default: false },
  "relay.limit": { type: "integer", default: 32, minimum: 1, maximum: 9_999 },
  "relay.limitPerHost": { type: "integer", default: 8, minimum: 1, maximum: 9_999 },
  "relay.keepCommands": { type: "boolean", default: false },
} as const satisfies Readonly<Record<string, Declared>>;

export type SettingName = keyof typeof settingsTable;

interface ValueOf {
  readonly boolean: boolean;
  readonly string: string;
  readonly array: readonly string[];
  readonly number: number;
  readonly integer: number;
}
export type SettingValue<Name extends SettingName> = ValueOf[(typeof settingsTable)[Name]["type"]];

/**
 * Validates a value from the settings file, which may contain anything: an invalid value becomes the default, and a
 * number out of bounds is clamped.
 */
export function settingFrom<Name extends SettingName>(name: Name, written: unknown): SettingValue<Name> {
  return valueFrom(settingsTable[name], written) as SettingValue<Name>;
}

/**
 * The value that is used instead of the one in the settings file.
 * @returns undefined if that is used as it is, or missing.
 */
export function usedInstead<Name extends SettingName>(
  name: Name,
  written: unknown,
): SettingValue<Name> | undefined {
  if (written === undefined) return undefined;
  const used = settingFrom(name, written);
  return JSON.stringify(used) === JSON.stringify(written) ? undefined : used;
}

function valueFrom(declared: Declared, written: unknown): boolean | string | number | readonly string[] {
  switch (declared.type) {
    case "array": {
      if (!Array.isArray(written)) return declared.default;
      const known = written.filter(
        (one): one is string => typeof one === "string" && (declared.enum?.includes(one) ?? true),
      );
      return declared.enum && known.length === 0 ? declared.default : known;
    }
    case "number":
    case "integer": {
      if (typeof written !== "number" || !Number.isFinite(written)) return declared.default;
      const whole = declared.type === "integer" ? Math.round(written) : written;
      return Math.min(Math.max(whole, declared.minimum), declared.maximum ?? Infinity);
    }
    case "boolean":
    case "string":
      return typeof written === declared.type ? (written as boolean | string) : declared.default;
  }
}

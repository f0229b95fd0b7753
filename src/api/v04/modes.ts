import * as z from "zod";
import type { SyncMode } from "../../sync/runIndex/layout.js";
import type { Sync } from "../../sync/syncState.js";
import { decimal, flag, someText } from "../model/fields.js";
import { type ApiRoute, route } from "../http/route.js";
import type { ApiServices } from "../services/services.js";
import { connected, type UnifiedConnection } from "./unified.js";

/** The one active mode of `/api/unified`, as it was configured. */
interface ActiveMode {
  readonly syncId: string;
  readonly mode: SyncMode;
  readonly config: ModeConfig;
}

const smartConfig = z.object({
  remote_root: z.string(),
  auto_sync: z.boolean(),
  sync_interval_minutes: z.number(),
  sync_interval_seconds: z.number(),
});
const mirrorConfig = z.object({ remote_root: z.string(), mirror_interval: z.number() });
type ModeConfig = z.infer<typeof smartConfig> | z.infer<typeof mirrorConfig>;

/** The active mode, with its sync. */
export interface UnifiedModes {
  current(services: ApiServices): Promise<(ActiveMode & { readonly sync: Sync }) | undefined>;
  replace(mode: ActiveMode | undefined): void;
  /** Switches the active mode off, if there is one. */
  end(services: ApiServices): Promise<void>;
}

export function createUnifiedModes(): UnifiedModes {
  let active: ActiveMode | undefined;
  return {
    current: async ({ app }) => {
      const sync = active && (await app.syncs.get(active.syncId));
      // It may have been stopped elsewhere: in the window, or with `/api/ssh`.
      return active && sync && sync.state.kind !== "stopped" ? { ...active, sync } : undefined;
    },
    replace: (mode) => (active = mode),
    end: async ({ app }) => {
      const was = active;
      active = undefined;
      if (was) await app.syncs.stop(was.syncId);
    },
  };
}

/** Up to a day in seconds, or as many minutes; a number or a string. */
const period = decimal(86_400);
const configureBody = z.object({
  mode: z.enum(["smart", "mirror"]),
  remote_root: someText,
  auto_sync: flag.default(true),
  sync_interval_minutes: period.nullish(),
  sync_interval_seconds: period.nullish(),
  mirror_interval: period.nullish(),
});

/** Seconds between syncs without auto_sync: close to the longest time of a timer (2^31 ms). */
const byHand = 20 * 86_400;

export function modeRoutes(unified: UnifiedConnection, modes: UnifiedModes): readonly ApiRoute[] {
  return [
    route(
      {
        method: "POST",
        path: "/api/unified/configure_mode",
        summary: "Keep a storage root of the host on this machine; there is one mode at a time",
        perMinute: 10,
        body: configureBody,
        answer: z.object({
          ok: z.boolean(),
          mode: z.string(),
          remote_root: z.string(),
          message: z.string(),
          config: z.union([smartConfig, mirrorConfig]),
        }),
      },
      async ({ body, signal }, services) => {
        const { app, onHost } = services;
        const { connection } = connected(unified);
        const { mode } = body;
        const scanEvery = body.mirror_interval ?? 2;
        const every = body.sync_interval_seconds ?? (body.sync_interval_minutes ?? 5) * 60;
        const interval = mode === "mirror" ? scanEvery : body.auto_sync ? every : byHand;
        const before = await modes.current(services);
        const sync = await onHost(connection, signal, () =>
          app.syncs.start(connection, { root: body.remote_root, mode, interval }, signal),
        );
        if (before && before.syncId !== sync.id) await app.syncs.stop(before.syncId);
        const config: ModeConfig =
          mode === "smart"
            ? {
                remote_root: sync.root,
                auto_sync: body.auto_sync,
                sync_interval_minutes: every / 60,
                sync_interval_seconds: every,
              }
            : { remote_root: sync.root, mirror_interval: scanEvery };
        modes.replace({ syncId: sync.id, mode, config });
        const name = mode === "smart" ? "Smart" : "Mirror";
        return {
          ok: true,
          mode,
          remote_root: sync.root,
          message: `${name} mode configured successfully`,
          config,
        };
      },
    ),
    route(
      {
        method: "POST",
        path: "/api/unified/deactivate_mode",
        summary: "Stop keeping the root on this machine; what was copied stays",
        body: z.object({ mode: z.enum(["smart", "mirror"]) }),
        answer: z.object({ ok: z.boolean(), mode: z.string(), message: z.string() }),
      },
      async ({ body: { mode } }, services) => {
        const active = await modes.current(services);
        if (active?.mode !== mode) return { ok: true, mode, message: `${mode} mode is not active` };
        await modes.end(services);
        return { ok: true, mode, message: `${mode} mode deactivated` };
      },
    ),
  ];
}

import * as z from "zod";
import { portOf, type ViewerSession } from "../../viewer/session/session.js";

/* The response schemas of version 0.5. */

/** Formats a time as documented: ISO 8601, UTC, in seconds. */
export function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "Z");
}

export const timeShape = z.string().meta({ examples: ["2025-10-25T10:30:00Z"] });

export const viewerShape = z
  .object({
    status: z.enum(["starting", "running", "reconnecting", "stopping", "stopped", "failed"]),
    local_port: z.int().nullable(),
    remote_port: z.int().nullable(),
    url: z.string().nullable(),
    remote_root: z.string(),
    env_name: z.string(),
    started_at: timeShape,
  })
  .meta({ title: "ViewerV05" });

export function viewerOf({
  state,
  root,
  environment,
  startedAt,
}: ViewerSession): z.infer<typeof viewerShape> {
  const localPort = "localPort" in state ? state.localPort : null;
  const remote = "remote" in state ? state.remote : undefined;
  return {
    status: state.kind,
    local_port: localPort,
    remote_port: portOf(remote?.address) ?? null,
    url: localPort === null ? null : `http://localhost:${localPort}`,
    remote_root: root,
    env_name: environment.name,
    started_at: time(startedAt),
  };
}

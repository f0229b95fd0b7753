import * as z from "zod";
import { machineOf } from "../session/machine.js";
import type { RemoteViewer, SessionFacts, ViewerAddress } from "../session/session.js";

const startTime = z.string().min(1).max(100);

/** The fields of `state.json`, which a session keeps on its host. It was written by us, and may have been changed since. */
export const stateFields = {
  id: z.string().regex(/^[0-9a-f]{8}$/),
  pid: z.number().int().min(2),
  startTime,
  supervisorPid: z.number().int().min(2),
  supervisorStartTime: startTime,
  // One of the two.
  port: z.number().int().min(1).max(65535).optional(),
  /** It goes into options of ssh. */
  socket: z
    .string()
    .max(107)
    .regex(/^\/[\w./-]+$/)
    .optional(),
  root: z.string(),
  python: z.string(),
  runicornVersion: z.string(),
  environmentName: z.string(),
  environmentKind: z.string(),
  startedAt: z.number(),
  /** The number of the job that it is in. */
  job: z.string().max(30).optional(),
  // An earlier version of ours did not tell it.
  machine: z.string().transform(machineOf).optional(),
};

export const hasAddress = ({
  port,
  socket,
}: {
  port?: number | undefined;
  socket?: string | undefined;
}): boolean => (port === undefined) !== (socket === undefined);

export const stateSchema = z.object(stateFields).refine(hasAddress);

/** Converts from the format of `state.json`. */
export function readState(state: z.infer<typeof stateSchema>): {
  readonly remote: RemoteViewer;
  readonly facts: SessionFacts;
} {
  const { pid, port, socket = "", runicornVersion, environmentName, environmentKind, startedAt, job } = state;
  const address: ViewerAddress = port === undefined ? { socket } : { port };
  return {
    remote: {
      pid,
      startTime: state.startTime,
      supervisor: { pid: state.supervisorPid, startTime: state.supervisorStartTime },
      address,
      runicornVersion,
      machine: state.machine,
    },
    facts: { environmentName, environmentKind, startedAt, ...(job !== undefined && { job }) },
  };
}

import { Emitter } from "../common/async/event.js";
import { toDisposable } from "../common/async/disposable.js";
import { Failure } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { SlurmFailure } from "./model/failures.js";
import type { Slurm } from "./slurm.js";

export function createSlurm(): Slurm {
  const changed = new Emitter<void>();
  const later = ({ target }: Connection): Promise<never> =>
    Promise.reject(new Failure<SlurmFailure>({ code: "slurm-missing", host: target.host }));
  return {
    detect: () => Promise.resolve({ kind: "absent" }),
    submit: later,
    list: later,
    others: later,
    watch: () => toDisposable(() => undefined),
    watched: [],
    onDidChange: changed.event,
    stateOf: () => undefined,
    untilRunning: later,
    cancel: later,
    dispose: () => undefined,
  };
}

"""
Makes two runs through Runicorn's own SDK that tell all that its version can: parameters, a summary, metrics, code and environment.
Arguments: the storage root, a folder that is a git repository. Prints a line of JSON: their ids, and the version of Python.
"""
import json
import os
import sys

import runicorn

root, code = sys.argv[1:]
os.chdir(code)


def start(name):
    if not hasattr(runicorn.Run, "log_config"):
        return runicorn.init(project="cv", name=name, storage=root, capture_env=True)
    # A snapshot in 0.7 leaves its database locked: each value that is logged then waits half a minute.
    snapshot = runicorn.__version__.startswith("0.6.")
    told = {"capture_env": True, "snapshot_code": snapshot, "workspace_root": code}
    return runicorn.init(path="cv/" + name, storage=root, alias=name + " run", **told)


def make(name, mode, status):
    run = start(name)
    metric = "val_loss" if mode == "min" else "score"
    run.set_primary_metric(metric, mode=mode)
    if hasattr(run, "log_config"):
        run.log_config(
            args={"lr": 0.001, "amp": True, "seed": 7, "model": {"name": name, "depth": 18}, "sizes": [1, 2], "resume": None},
            extra={"user": "Jos\u00e9", "decay": 1e-7},
            config_files=["configs/base.yaml"],
        )
    for step in range(1, 16):
        values = {"val_loss": 1 / step if step != 9 else float("nan"), "score": (step * 7) % 11}
        if step > 10:
            values["late/metric"] = -step
        run.log(values, step=step)
    run.summary({"final": {"accuracy": 0.75, "steps": 15}, "comment": "good", "list": [1, 2.5]})
    run.finish(status)
    return run.id


print(json.dumps({"ids": [make("lowest", "min", "finished"), make("highest", "max", "failed")], "python": sys.version}))

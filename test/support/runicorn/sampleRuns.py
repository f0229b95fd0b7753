"""Writes sample experiments through Runicorn's own SDK. Arguments: the storage root and how many steps a run has.

The experiments tell of the last days: the clock is moved, so that the list does not look as if made in one second.
"""
import math
import random
import sys
import time

real_time, real_localtime = time.time, time.localtime
shift = 0.0
time.time = lambda: real_time() + shift
time.localtime = lambda seconds=None: real_localtime(time.time() if seconds is None else seconds)

import runicorn

HOUR = 3600.0
RUNS = [
    # path, alias, hours ago, hours it took, how it ended, learning rate, best accuracy
    ("vision/resnet50-cifar10", "baseline", 75, 3.1, "finished", 0.1, 0.931),
    ("vision/resnet50-cifar10", "cosine schedule", 51, 3.2, "finished", 0.1, 0.947),
    ("vision/resnet50-cifar10", "mixup", 27, 3.6, "finished", 0.1, 0.956),
    ("language/bert-sst2", "lr 5e-5", 49, 1.4, "finished", 5e-5, 0.918),
    ("language/bert-sst2", "lr 1e-3 diverges", 46, 0.3, "failed", 1e-3, 0.52),
    ("tabular/house-prices", "第一次", 5, 0.4, "finished", 0.05, 0.884),
]


def curve(kind, progress, best, noise):
    if kind == "failed":
        return 0.69 + 2.0 * progress**2 + noise, 0.5 + 0.02 * noise
    fall = math.exp(-4.0 * progress)
    return 0.08 + 2.2 * fall + 0.05 * noise, best - (best - 0.1) * fall + 0.004 * noise


def write(storage, steps, path, alias, ago, took, status, rate, best):
    global shift
    shift = -ago * HOUR
    random.seed(alias)
    run = runicorn.init(path=path, storage=storage, alias=alias)
    run.set_primary_metric("val_accuracy", mode="max")
    run.log_text("epochs: %d, learning rate: %g" % (steps, rate))
    run_steps = steps if status == "finished" else max(2, steps // 4)
    for step in range(1, run_steps + 1):
        shift += took * HOUR / run_steps
        loss, accuracy = curve(status, step / run_steps, best, random.uniform(-1, 1))
        lr = rate * 0.5 * (1 + math.cos(math.pi * step / run_steps))
        run.log({"train_loss": loss, "val_accuracy": accuracy, "learning_rate": lr}, step=step)
        run.log_text("epoch %d: loss %.4f, accuracy %.4f" % (step, loss, accuracy))
    if status == "failed":
        run.log_text("RuntimeError: loss is not finite")
    run.summary({"learning_rate": rate, "epochs": run_steps, "val_accuracy": accuracy})
    run.finish(status)


for row in RUNS:
    write(sys.argv[1], int(sys.argv[2]), *row)

"""
Makes runs for charts through Runicorn's own SDK: a sweep of 30, of which the 18th ends with the lowest loss; one that logs NaN
at step 812 and infinity at step 900; and one that was resumed from step 40. Argument: the storage root.
"""
import math
import sys

import runicorn

root = sys.argv[1]


def begin(path, alias, run_id=None):
    run = runicorn.init(path=path, storage=root, alias=alias, run_id=run_id)
    run.set_primary_metric("val_loss", mode="min")
    return run


for trial in range(30):
    run = begin("sweep/lr-search", "trial-%02d" % trial)
    for step in range(1, 31):
        fall = math.exp(-step / 8)
        loss = 0.1 + 0.02 * abs(trial - 17) + fall
        run.log({"val_loss": loss, "train_loss": loss * 0.8, "layer_00/grad": fall, "layer_01/grad": fall / 2}, step=step)
    run.finish()

run = begin("odd/not-finite", "not finite")
for step in range(1, 1001):
    loss = {812: math.nan, 900: math.inf}.get(step, 1 / step)
    run.log({"val_loss": loss, "only, \"here\"": step}, step=step)
run.finish()

run = begin("odd/resumed", "resumed")
for step in range(1, 61):
    run.log({"val_loss": 2 - step / 100}, step=step)
run.finish("interrupted")
run = begin("odd/resumed", "resumed", run_id=run.id)
for step in range(40, 101):
    run.log({"val_loss": 1 - step / 200}, step=step)
run.finish()

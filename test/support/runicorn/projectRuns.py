"""Writes runs in the layout up to Runicorn 0.5 through that version's own SDK. Argument: the storage root."""
import sys

import runicorn

for name, best in (("resnet18", 0.91), ("resnet50", 0.95)):
    run = runicorn.init(project="image_classification", name=name, storage=sys.argv[1])
    run.set_primary_metric("accuracy", mode="max")
    for step in range(1, 21):
        run.log({"loss": 2.0 / step, "accuracy": best * step / 20, "broken": float("nan")}, step=step)
        run.log_text("step %d" % step)
    run.summary({"note": name, "nothing": float("inf")})
    run.finish()

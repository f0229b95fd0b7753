"""Trains for a minute through Runicorn's own SDK, logging every 100 ms. Argument: the storage root. Prints the run's folder."""
import math
import sys
import time

import runicorn

run = runicorn.init(path="live/demo", storage=sys.argv[1], alias="first light")
print(run.run_dir, flush=True)
for step in range(1, 600):
    run.log({"live_loss": math.exp(-step / 100) + 0.02 * math.sin(step / 3)}, step=step)
    time.sleep(0.1)

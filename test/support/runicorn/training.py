"""Trains for a minute through Runicorn's own SDK, logging every 100 ms. Arguments: the storage root and what the run is called. Prints the run's folder."""
import math
import sys
import time

import runicorn

run = runicorn.init(path="live/demo", storage=sys.argv[1], alias=sys.argv[2])
print(run.run_dir, flush=True)
for step in range(1, 600):
    run.log({"live_loss": math.exp(-step / 100) + 0.02 * math.sin(step / 3)}, step=step)
    time.sleep(0.1)

"""The steps of the actions: `python -I -m smoke.action STEP`, each in a process of its own.

`run` is smoke itself in this very process, so that the signal by which GitHub cancels a job reaches it and the teardown
runs. `clean-up` and `tell` come behind it. In a job that was cancelled they do not: GitHub cancels a composite action as
a whole, whatever `if` its steps have (actions/runner, #2638). So the action `smoke-cancelled` does `left` and `tell-left`:
the same for every run of the job of which nothing was told.
"""

from __future__ import annotations

import os
import sys

from smoke.action.job import RunnerJob
from smoke.action.steps import clean_up, left, prepare, run, tell, tell_left

STEPS = {
    "prepare": prepare,
    "run": run,
    "clean-up": clean_up,
    "tell": tell,
    "left": left,
    "tell-left": tell_left,
}

if __name__ == "__main__":
    sys.exit(STEPS[sys.argv[1]](RunnerJob(dict(os.environ))))

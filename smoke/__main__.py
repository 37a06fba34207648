"""Starts the command line: `smoke`, `python -m smoke`."""

import gc
import os
import sys

# start-up makes many objects and no garbage: collecting meanwhile costs a tenth of a short run
gc.disable()
# pydantic would read the metadata of every installed package in search of plugins, which smoke has no use for
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
# where click is installed httpx would load a command line of its own, which this process has no use for
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # how Python says that a module cannot be imported

from smoke.cli.entry import main  # noqa: E402  (imported under these settings)

if __name__ == "__main__":
    main()

"""Starts the command line: `smoke`, `python -m smoke`."""

import gc
import os

# start-up makes many objects and no garbage: collecting meanwhile costs a tenth of a short run
gc.disable()
# pydantic would read the metadata of every installed package in search of plugins, which smoke has no use for
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from smoke.cli.main import main  # noqa: E402  (imported under these settings)

if __name__ == "__main__":
    main()

"""Starts the command line: `smoke`, `python -m smoke`."""

import gc

# start-up makes many objects and no garbage: collecting meanwhile costs a tenth of a short run
gc.disable()

from smoke.cli.main import main  # noqa: E402  (imported with the collector off)

if __name__ == "__main__":
    main()

"""Starts the command line: `python -m smoke`."""

from smoke.cli.main import main

if __name__ == "__main__":
    main()

"""Carries out every migration of the corpus and holds its verdict against what is seen.

python -m tools.check_verdicts takes a minute or two; CI does the same with some of them.
"""

from __future__ import annotations

import sys

from smoke.demo.postgres import EmbeddedServer
from tests.support.migrations import fresh
from tests.support.oracle import FILES, cases, decided, difference, seen


def main() -> int:
    """1 where a difference is new, or one that was decided is there no more."""
    known = decided()
    found: dict[str, str] = {}
    count = 0
    with EmbeddedServer() as server, fresh(server, "") as dsn:
        for case in cases(FILES):
            count += 1
            if told := difference(case, seen(dsn, case)):
                found[case.name] = told
    for name, told in found.items():
        if name not in known:
            sys.stdout.write(f"{name}: {told}\n")
    for name in known.keys() - found.keys():
        sys.stdout.write(f"{name}: no difference any more; take it out of decided.yaml\n")
    sys.stdout.write(f"{count} migrations, {len(found)} differences, {len(known)} decided\n")
    return int(found.keys() != known.keys())


if __name__ == "__main__":
    sys.exit(main())
